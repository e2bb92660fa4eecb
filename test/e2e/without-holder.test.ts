import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { pod, sh } from "./support/pods.ts";
import { isAlive, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** The application is the pod's first process, as in a pod made by hand without a pause container. */
function withoutHolder(name: string, shareProcessNamespace: boolean) {
  const busybox = { name: "busybox", image: "busybox", command: ["sleep", "infinity"] };
  const made = pod(name, [busybox, sh("other", "exec sleep infinity")], { shareProcessNamespace });
  Object.assign(made.metadata ?? {}, { annotations: { "tspod.dev/infra": "/bin/busybox httpd -f -p 80" } });
  return made;
}

describe("a pod whose first process is an application (S10)", () => {
  it("dies with it when they share a PID namespace, and says so (S24)", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(withoutHolder("shared", true))]);
    const { infra, of } = await pidsOf(tspod, "shared");
    const [busybox, other] = [of("busybox"), of("other")];
    process.kill(infra, "SIGKILL");
    await eventually(() => !isAlive(busybox) && !isAlive(other));
    await eventually(async () => /^shared +0\/2 +Error /.test(await tspod.ok(["ps", "-a", "--no-headers"])));
    const { code, stderr } = await tspod.run(["exec", "-c", "busybox", "shared", "--", "ps"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /container "busybox" of pod shared is not running: it ended with exit code 137 \(Error.*\): its PID namespace's init \(pid \d+\) ended, and the kernel killed what was in it/,
    );
    await tspod.ok(["rm", "shared"]);
  });

  it("is taken down after it when they share the network alone: nobody could join it any more", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(withoutHolder("apart", false))]);
    const { infra, of } = await pidsOf(tspod, "apart");
    const busybox = of("busybox");
    process.kill(infra, "SIGKILL");
    await eventually(() => !isAlive(busybox));
    // restartPolicy Never: a pod that has run does not get a second sandbox.
    await eventually(async () => /^apart +0\/2 +Error /.test(await tspod.ok(["ps", "-a", "--no-headers"])));
    expect(await tspod.ok(["events", "apart"])).toMatch(
      /Killing +Pod\/apart \(busybox\) +Stopping container busybox/,
    );
    await tspod.ok(["rm", "apart"]);
  });
});
