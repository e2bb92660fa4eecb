import { describe, expect, it } from "vitest";
import { parseManifests } from "../../src/manifest/parse.ts";
import { eventually } from "../support/tspod.ts";
import { idle } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { documents, lasting, pods, readyPods, stored, workload } from "./support/workloads.ts";

const tspod = scenario();

describe("create", () => {
  it("makes a Deployment of flags, and prints a manifest that can be run with --dry-run", async () => {
    const args = ["create", "deployment", "web", "--image=busybox", "--replicas=2", "--port=80"];
    const command = ["--", "sh", "-c", "trap exit TERM; sleep 3600 & wait"];
    const text = await tspod.ok([...args, "--dry-run", "-o", "yaml", ...command]);
    const { objects, problems } = parseManifests([{ name: "dry", text }]);
    expect(problems).toEqual([]);
    expect(objects[0]?.object).toMatchObject({
      kind: "Deployment",
      metadata: { name: "web", labels: { app: "web" } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "web" } },
        template: {
          spec: {
            containers: [
              {
                name: "busybox",
                image: "busybox",
                command: command.slice(1),
                ports: [{ containerPort: 80 }],
              },
            ],
          },
        },
      },
    });
    expect(await tspod.ok(["get", "deploy"])).toBe("");
    expect(await tspod.ok([...args, ...command])).toBe("deployment.apps/web created\n");
    await readyPods(tspod, 2);
    const again = await tspod.run([...args, ...command]);
    expect([again.code, again.stderr]).toEqual([
      5,
      expect.stringContaining('deployments.apps "web" already exists'),
    ]);
    await tspod.ok(["delete", "deploy", "web"]);
  });

  it("makes a Job, and one of a CronJob out of turn, which is the CronJob's", async () => {
    expect(await tspod.ok(["create", "job", "once", "--image=busybox", "--", "true"])).toBe(
      "job.batch/once created\n",
    );
    await tspod.ok(["create", "cronjob", "night", "--image=busybox", "--schedule=0 3 * * *", "--", "true"]);
    expect(await tspod.ok(["create", "job", "now", "--from=cronjob/night"])).toBe("job.batch/now created\n");
    for (const name of ["once", "now"])
      await eventually(async () => (await stored(tspod, "job", name)).status?.succeeded === 1);
    expect((await stored(tspod, "job", "now")).metadata).toMatchObject({
      annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [{ kind: "CronJob", name: "night" }],
    });
    await tspod.ok(["delete", "cj", "night"]);
    expect(await tspod.ok(["get", "jobs", "-o", "name"])).toBe("job.batch/once\n");
    await tspod.ok(["delete", "job", "once"]);
    expect(await pods(tspod)).toEqual([]);
  });

  it.each([
    [["job", "j"], 2, "either --image or --from must be specified"],
    [["job", "j", "--from=deployment/x"], 2, "--from takes a cronjob"],
    [["job", "j", "--from=cronjob/none"], 4, 'cronjobs.batch "none" not found'],
    [["cronjob", "c", "--image=b", "--schedule=* * *"], 2, "expected exactly 5 fields, found 3: [* * *]"],
    [["deployment", "Web", "--image=b"], 2, 'metadata.name: Invalid value: "Web"'],
  ])("refuses %j", async (args, code, message) => {
    const outcome = await tspod.run(["create", ...args]);
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining(message)]);
  });

  it("makes everything of a file, pods too, if nothing of it is there", async () => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "b" } };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "alone" },
      spec: { containers: [idle("c")] },
    };
    const file = tspod.manifest(documents(workload("ReplicaSet", "set", lasting("set")), pod, config));
    expect(await tspod.ok(["create", "-f", file])).toBe(
      "configmap/c created\nreplicaset.apps/set created\npod/alone started\n",
    );
    await readyPods(tspod, 2);
    expect((await tspod.run(["create", "-f", file])).code).toBe(5);
    await tspod.ok(["delete", "--filename", file, "-t", "0"]);
    expect(await pods(tspod)).toEqual([]);
  });
});
