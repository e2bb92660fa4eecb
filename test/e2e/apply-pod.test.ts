import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

function web(change: (pod: Pod) => void = () => {}): string {
  const made = pod("web", [idle("a"), idle("b")], { restartPolicy: "Always" });
  made.metadata = { name: "web", labels: { app: "web", version: "1" } };
  change(made);
  return tspod.manifest(made);
}

const apply = (file: string) => tspod.run(["apply", "-f", file]);

describe("apply of a pod", () => {
  it("makes it, leaves it alone, and changes only what was changed", async () => {
    expect(await apply(web())).toMatchObject({ code: 0, stdout: "pod/web created\n" });
    const { status, metadata } = await tspod.inspect("web");
    expect(await apply(web())).toMatchObject({ code: 0, stdout: "pod/web unchanged\n" });

    // What another command has set stays, what the manifest does not say any more goes.
    await tspod.ok(["label", "pod", "web", "mine=yes"]);
    const relabelled = web((one) => {
      one.metadata = { name: "web", labels: { app: "web", tier: "front" } };
    });
    expect(await apply(relabelled)).toMatchObject({ code: 0, stdout: "pod/web configured\n" });
    const after = await tspod.inspect("web");
    expect(after.metadata.labels).toEqual({ app: "web", tier: "front", mine: "yes" });
    expect(after.metadata.uid).toBe(metadata.uid);
    expect(after.status.containerStatuses.map(({ pid }: { pid: number }) => pid)).toEqual(
      status.containerStatuses.map(({ pid }: { pid: number }) => pid),
    );

    // Another name of the same image is another image: one container is started anew, its neighbour goes on.
    await tspod.ok(["image", "tag", "busybox", "other:1"]);
    const other = web((one) => {
      one.metadata = { name: "web", labels: { app: "web", tier: "front" } };
      one.spec!.containers[0]!.image = "other:1";
    });
    expect(await apply(other)).toMatchObject({ code: 0, stdout: "pod/web configured\n" });
    const changed = await eventually(async () => {
      const now = await tspod.inspect("web");
      const [a] = now.status.containerStatuses;
      return a.image === "other:1" && a.state.running ? now : undefined;
    });
    expect(changed.status.podIP).toBe(status.podIP);
    expect(changed.status.containerStatuses[1].pid).toBe(status.containerStatuses[1].pid);
    expect(await apply(other)).toMatchObject({ code: 0, stdout: "pod/web unchanged\n" });
    await tspod.ok(["rm", "-f", "web"]);
    await tspod.ok(["image", "rm", "other:1"]);
  });

  it("refuses what a pod cannot be changed in, with the place in the file", async () => {
    await tspod.ok(["apply", "-f", web()]);
    const file = web((one) => {
      one.spec!.containers[1]!.command = ["sleep", "1"];
    });
    const { code, stdout, stderr } = await apply(file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(
      'error[TS3453]: The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
    );
    expect(stderr).toContain("spec.containers[1].command differs");
    expect(stderr).toMatch(new RegExp(`${file}:1:\\d+`));
    const unknown = await apply(web((one) => (one.spec!.containers[0]!.image = "not-there:1")));
    expect(unknown.code).not.toBe(0);
    expect((await tspod.inspect("web")).spec.containers[0].image).toBe("busybox");
    await tspod.ok(["rm", "-f", "web"]);
  });
});
