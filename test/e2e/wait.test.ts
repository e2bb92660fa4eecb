import { describe, expect, it } from "vitest";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("wait", () => {
  it("returns when a pod is as wanted, and says who waited in vain", async () => {
    const manifest = tspod.manifest(pod("late", [sh("a", "sleep 1; exit 3")]));
    const created = tspod.start(["wait", "--for=create", "pod/late", "--timeout=300s"]);
    await tspod.ok(["run", "-d", manifest]);
    expect((await created.outcome()).stdout).toBe("pod/late condition met\n");
    expect(await tspod.ok(["wait", "--for=condition=PodScheduled", "pod/late"])).toBe(
      "pod/late condition met\n",
    );
    expect(await tspod.ok(["wait", "--for=jsonpath={.status.phase}=Failed", "pods", "late"])).toBe(
      "pod/late condition met\n",
    );
    const vain = await tspod.run(["wait", "--for=condition=Ready", "pod/late", "--timeout=200ms"]);
    expect(vain).toMatchObject({ code: 124, stdout: "" });
    expect(vain.stderr).toContain("timed out waiting for the condition on pods/late");
    const gone = tspod.start(["wait", "--for=delete", "pod/late", "--timeout=300s"]);
    await tspod.ok(["rm", "-f", "late"]);
    expect(await gone.outcome()).toMatchObject({ code: 0 });
    expect(await tspod.run(["wait", "--for=delete", "pod/late"])).toMatchObject({ code: 0, stdout: "" });
    expect((await tspod.run(["wait", "--for=condition=Ready", "pod/late"])).code).toBe(4);
    expect((await tspod.run(["wait", "pod/late"])).code).toBe(2);
  });
});

it("wait knows the conditions of workloads", async () => {
  const labels = { app: "d" };
  const made = pod("d", [idle("a")], { restartPolicy: "Always" });
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: made.spec },
    },
  };
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j" },
    spec: { template: { spec: pod("j", [sh("a", "sleep 1")]).spec } },
  };
  await tspod.ok(["apply", "-f", tspod.manifest(deployment), tspod.manifest(job)]);
  expect(await tspod.ok(["wait", "--for=condition=Available", "deployment/d"])).toBe(
    "deployment.apps/d condition met\n",
  );
  expect(await tspod.ok(["wait", "--for=jsonpath={.status.readyReplicas}=2", "deploy/d"])).toContain(
    "condition met",
  );
  expect(await tspod.ok(["wait", "--for=condition=complete", "job/j"])).toBe("job.batch/j condition met\n");
  const gone = tspod.start(["wait", "--for=delete", "pods", "-l", "app=d", "--timeout=300s"]);
  await tspod.ok(["delete", "deployment", "d"]);
  expect(await gone.outcome()).toMatchObject({ code: 0 });
  await tspod.ok(["delete", "job", "j"]);
  await tspod.run(["wait", "--for=delete", "pods", "--all", "--timeout=300s"]);
});

describe("get", () => {
  it("selects, sorts and prints fields", async () => {
    const labelled = (name: string, labels: Record<string, string>) => ({
      ...pod(name, [idle("a")]),
      metadata: { name, labels },
    });
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(labelled("p-2", { app: "x" })),
      tspod.manifest(labelled("p-10", { app: "y" })),
    ]);
    expect(await tspod.ok(["get", "pods", "--sort-by=.metadata.name", "-o", "name"])).toBe(
      "pod/p-2\npod/p-10\n",
    );
    expect(await tspod.ok(["get", "pods", "-l", "app=y", "-o", "jsonpath={.items[*].metadata.name}"])).toBe(
      "p-10",
    );
    const { status } = await tspod.inspect("p-2");
    expect(await tspod.ok(["get", "pod", "p-2", "-o", "jsonpath={.status.podIP}"])).toBe(status.podIP);
    expect(
      await tspod.ok([
        "get",
        "pod",
        "p-2",
        "--no-headers",
        "-o",
        "custom-columns=A:.metadata.name,B:.status.podIP",
      ]),
    ).toMatch(new RegExp(`^p-2 +${status.podIP}\n$`));
    expect(await tspod.ok(["get", "pods", "--show-labels"])).toMatch(/AGE +LABELS\n(.*\n)*.*app=x\n/);
    const refused = await tspod.run(["get", "pods", "-o", "xml"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("unable to match a printer suitable for the output format");
    await tspod.ok(["create", "cm", "c", "--from-literal=k=v"]);
    expect(await tspod.ok(["get", "cm", "c", "-o", "jsonpath={.data.k}"])).toBe("v");
    await tspod.ok(["delete", "cm", "c"]);
    await tspod.ok(["rm", "-f", "p-2", "p-10"]);
  });
});
