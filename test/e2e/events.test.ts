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
