import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("events", () => {
  it("are chosen by object and type, and printed as they come", async () => {
    const watching = tspod.start(["events", "-w"]);
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("one", [idle("a")])),
      tspod.manifest(pod("two", [idle("b")])),
    ]);
    await eventually(() => /Started +Pod\/two \(b\)/.test(watching.stdout));
    expect(watching.stdout.match(/LAST SEEN/g)).toHaveLength(1);
    await tspod.ok(["kill", "one"]);

    const only = await tspod.ok(["events", "--for", "pod/one", "--no-headers"]);
    expect(only).toContain("Pod/one (a)");
    expect(only).not.toMatch(/two|LAST SEEN/);
    const none = await tspod.run(["events", "--for=pod/two", "--types=Warning"]);
    expect(none).toMatchObject({ code: 0, stdout: "", stderr: "No events found\n" });
    expect(await tspod.ok(["events", "-A"])).toMatch(/^NAMESPACE +LAST SEEN +TYPE/);
    const refused = await tspod.run(["events", "--types=Bad"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("valid --types are Normal or Warning");
    watching.child.kill("SIGKILL");
    await tspod.ok(["rm", "-f", "one", "two"]);
  });

  it("are objects of the API for programs, and a table of kubectl's for `get events`", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("one", [idle("a")]))]);
    await tspod.ok(["kill", "one"]);
    const { metadata } = await tspod.inspect("one");
    const list = JSON.parse(await tspod.ok(["events", "-o", "json"]));
    expect(list).toMatchObject({ apiVersion: "v1", kind: "List" });
    expect(list.items.map(({ kind }: { kind: string }) => kind)).toContain("Event");
    const started = list.items.find(({ reason }: { reason: string }) => reason === "Started");
    expect(started).toMatchObject({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: expect.stringMatching(/^one\.[0-9a-f]{16}$/), namespace: "default" },
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        name: "one",
        namespace: "default",
        uid: metadata.uid,
        fieldPath: "spec.containers{a}",
      },
      message: "Started container a",
      type: "Normal",
      count: 1,
      source: { component: "tspod" },
      lastTimestamp: expect.stringMatching(/^\S+T\d\d:\d\d:\d\dZ$/),
      eventTime: expect.stringMatching(/^\S+\.\d{6}Z$/),
    });
    expect(await tspod.ok(["get", "events", "-o", "json"])).toBe(await tspod.ok(["events", "-o", "json"]));
    expect(await tspod.ok(["events", "-o", "jsonpath={.items[*].involvedObject.name}"])).toMatch(
      /^one( one)+$/,
    );
    expect(await tspod.ok(["get", "events", "-o", "name"])).toContain(`event/${started.metadata.name}\n`);
    expect(await tspod.ok(["get", "events"])).toMatch(
      /^LAST SEEN {3}TYPE {5}REASON +OBJECT {4}MESSAGE\n(.*\n)*\d+s +Normal {3}Started +pod\/one {3}Started container a\n/,
    );
    expect(await tspod.ok(["get", "ev", "-A", "-o", "wide", "--sort-by=.reason"])).toMatch(
      /^NAMESPACE +LAST SEEN +TYPE +REASON +OBJECT +SUBOBJECT +SOURCE +MESSAGE +FIRST SEEN +COUNT\n/,
    );
    await tspod.ok(["rm", "-f", "one"]);
    expect(JSON.parse(await tspod.ok(["events", "-o", "json"]))).toMatchObject({ kind: "List", items: [] });
  });

  it("are those of workloads, too", async () => {
    const labels = { app: "d" };
    const { spec } = pod("d", [idle("a")], { restartPolicy: "Always" });
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
    await tspod.ok(["apply", "-f", tspod.manifest(deployment)]);
    const events = await tspod.ok(["events", "--for=deployment/d"]);
    expect(events).toMatch(/ScalingReplicaSet +Deployment\/d +Scaled up replica set d-\w+ from 0 to 1/);
    expect(events).not.toContain("Pod/");
    const all = await tspod.ok(["events"]);
    expect(all).toContain("Deployment/d ");
    expect(all).toContain("Pod/d-");
    expect((await tspod.run(["events", "--for=deployment/none"])).code).toBe(4);
    await tspod.ok(["delete", "deployment", "d"]);
    await eventually(async () => (await tspod.ok(["get", "pods", "-o", "name"])) === "");
  });
});
