import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("set", () => {
  it("gives one container another image and leaves its neighbour, the address and the sandbox alone", async () => {
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("web", [idle("a"), idle("b")], { restartPolicy: "Always" })),
    ]);
    const { status, metadata } = await tspod.inspect("web");
    await tspod.ok(["image", "tag", "busybox", "other:1"]);
    expect(await tspod.ok(["set", "image", "pod/web", "a=other:1", "--dry-run"])).toBe(
      "pod/web image updated (dry run)\n",
    );
    expect(await tspod.ok(["set", "image", "pod/web", "a=other:1"])).toBe("pod/web image updated\n");
    const now = await eventually(async () => {
      const view = await tspod.inspect("web");
      const [a] = view.status.containerStatuses;
      return a.image === "other:1" && a.state.running ? view : undefined;
    });
    expect(now.metadata.uid).toBe(metadata.uid);
    expect(now.status.podIP).toBe(status.podIP);
    expect(now.status.infra.pid).toBe(status.infra.pid);
    expect(now.status.containerStatuses[1].pid).toBe(status.containerStatuses[1].pid);
    expect(await tspod.ok(["set", "image", "pod", "web", "a=other:1"])).toBe("");
    const unknown = await tspod.run(["set", "image", "pod/web", "zz=other:1"]);
    expect(unknown.code).toBe(4);
    expect(unknown.stderr).toContain('unable to find container named "zz"');
    await tspod.ok(["rm", "-f", "web"]);
    await tspod.ok(["image", "rm", "other:1"]);
  });

  it("changes resources of a running container in place", async () => {
    const limited = idle("a", { resources: { limits: { memory: "64Mi", cpu: "500m" } } });
    await tspod.ok(["run", "-d", tspod.manifest(pod("sized", [limited]))]);
    const { status } = await tspod.inspect("sized");
    expect(
      await tspod.ok(["set", "resources", "pod/sized", "--limits=memory=96Mi", "--requests=memory=96Mi"]),
    ).toBe("pod/sized resource requirements updated\n");
    const now = await tspod.inspect("sized");
    expect(now.spec.containers[0].resources.limits).toEqual({ memory: "96Mi", cpu: "500m" });
    expect(now.status.containerStatuses[0].pid).toBe(status.containerStatuses[0].pid);
    const none = await tspod.run(["set", "resources", "pod/sized"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("you must specify an update to requests or limits");
    const other = await tspod.run(["set", "resources", "pod/sized", "--requests=cpu=100m"]);
    expect(other.stderr).toContain("Pod QOS Class may not change as a result of resizing");
    await tspod.ok(["rm", "-f", "sized"]);
  });

  it("changes the template of a workload, which rolls out", async () => {
    await tspod.ok(["image", "tag", "busybox", "other:1"]);
    const labels = { app: "d" };
    const { spec } = pod("d", [idle("a")], { restartPolicy: "Always" });
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
    await tspod.ok(["apply", "-f", tspod.manifest(deployment)]);
    expect(await tspod.ok(["set", "image", "deployment/d", "a=other:1"])).toBe(
      "deployment.apps/d image updated\n",
    );
    await eventually(async () => {
      const images = await tspod.ok(["get", "pods", "-o", "jsonpath={.items[*].spec.containers[0].image}"]);
      return images === "other:1";
    });
    await tspod.ok(["delete", "deployment", "d"]);
    await eventually(async () => (await tspod.ok(["get", "pods", "-o", "name"])) === "");
    await tspod.run(["image", "rm", "other:1"]);
  });
});
