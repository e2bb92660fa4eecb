import { describe, expect, it } from "vitest";
import { ociConfigs } from "../../../src/cli/render/explain-oci.ts";
import { explainShell } from "../../../src/cli/render/explain-shell.ts";
import { explainText } from "../../../src/cli/render/explain-text.ts";
import { plain } from "../../../src/cli/render/style.ts";
import type { Pod } from "../../../src/manifest/index.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";
import { planContainerOf, planSandboxOf } from "../../../src/plan/pod.ts";
import type { ExplainedPod } from "../../../src/pod/explain.ts";
import { podInput, simpleSpec, standInImage } from "../plan/support.ts";

const NO_UID = "00000000-0000-0000-0000-000000000000";
const RUN = `/run/tspod/pods/${NO_UID}`;

const pod: Pod = {
  metadata: { name: "web" },
  spec: { containers: [{ name: "a", image: "busybox", command: ["sleep", "1"] }] },
};

function planOf(sandbox: HostOp[], container: HostOp[]): ExplainedPod {
  return {
    sandbox,
    containers: [{ name: "a", kind: "app", ops: container }],
    hostOps: [...sandbox, ...container],
    warnings: [],
  };
}

const small = planOf(
  [
    { op: "mkdir", path: `${RUN}/infra`, mode: 0o700 },
    {
      op: "holder-start",
      flags: 0x40000000,
      cgroup: "",
      kill: "/cg",
      ops: [{ op: "sethostname", name: "web" }, { op: "pause" }],
    },
  ],
  [
    {
      op: "container-start",
      name: "a",
      directory: `${RUN}/containers/a/0`,
      logDirectory: "/l",
      cgroup: "/cg/a",
      monitorCgroup: "",
      fds: [],
      ops: [
        { op: "setns", fd: 6, flags: 0x40000000 },
        { op: "clone", flags: 0x20020000, cgroupFd: -1, stdio: "pipes" },
        { op: "fs", fstype: "proc", target: "/proc", attrs: 14, options: [] },
        { op: "execve", candidates: ["/bin/sleep"], argv: ["sleep", "1"], env: [] },
      ],
    },
    { op: "container-exec", name: "a" },
  ],
);

describe("a plan in words", () => {
  it("has one line a step, numbered as errors number them, with the field that asked for it", () => {
    expect(explainText(pod, small, { brief: true, style: plain })).toBe(`\
Pod web: what run would do on this machine, in this order

  $RUN     /run/tspod/pods/<uid>
  <uid>    the uid the pod will get

Sandbox: what the containers share
----------------------------------
  1  make folder $RUN/infra
  2  start the holder, /pause, in new net namespaces
        inside the holder:
          1  set the hostname to web   metadata.name
          2  sleep, reaping what dies


Container a
-----------
  1  create container a, up to its gate
        inside the monitor of container a:
          1  join the net namespaces of the holder
          2  clone into new pid, mnt namespaces: the parent becomes the monitor, the child the container
        inside container a:
          3  mount proc on /proc
          4  execute sleep 1   spec.containers[0].command
  2  let container a through its gate

`);
  });

  it("tells why and how of each step", () => {
    expect(explainText(pod, small, { brief: false, style: plain })).toContain(`
          3  mount proc on /proc
             The processes of its own PID namespace, and no others.
             calls  fsopen("proc"); fsmount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC); move_mount("/proc")
             shell  mount -t proc -o nosuid,nodev,noexec proc $ROOT/proc
`);
  });

  it("as a script has a command or a comment for each step", () => {
    const script = explainShell(pod, small);
    expect(script).toContain("unshare --net --fork sleep infinity &\nHOLDER=$!\n");
    expect(script).toContain("(\n  nsenter -t $HOLDER --net\n");
    expect(script).toContain("  mount -t proc -o nosuid,nodev,noexec proc $ROOT/proc\n");
    expect(script).toContain("# let container a through its gate\n");
  });
});

describe("the real plan of a pod", () => {
  const input = podInput();
  const sandbox = planSandboxOf(input).ops;
  const containers = simpleSpec.containers.map((container) => ({
    name: container.name,
    kind: "app" as const,
    ops: planContainerOf(input, {
      container,
      kind: "app",
      attempt: 0,
      image: standInImage,
      seccomp: { filter: "", flags: 0 },
    }).ops,
  }));
  const plan: ExplainedPod = {
    sandbox,
    containers,
    hostOps: [...sandbox, ...containers.flatMap(({ ops }) => ops)],
    warnings: [],
  };

  it("is told to the last step", () => {
    const inner = (op: HostOp): ContainerOp[] =>
      op.op === "holder-start" || op.op === "container-start" ? op.ops : [];
    const steps = plan.hostOps.length + plan.hostOps.flatMap(inner).length;
    const text = explainText(input.pod, plan, { brief: true, style: plain });
    expect(text.match(/^ +\d+ {2}\S/gm)).toHaveLength(steps);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  it("is an OCI configuration that joins what the holder shares", () => {
    const { web } = ociConfigs(plan) as { web: OciConfig };
    expect(web.process.args).toEqual(["httpd", "-f"]);
    expect(web.process.env).toContain("FROM=image");
    expect(web.hostname).toBe("p");
    expect(web.linux.namespaces).toEqual([
      { type: "network", path: "/proc/$HOLDER/ns/net" },
      { type: "ipc", path: "/proc/$HOLDER/ns/ipc" },
      { type: "uts", path: "/proc/$HOLDER/ns/uts" },
      { type: "pid" },
      { type: "mount" },
      { type: "cgroup" },
    ]);
    expect(web.mounts.map(({ destination }) => destination)).toEqual(
      expect.arrayContaining(["/proc", "/dev", "/dev/shm", "/sys"]),
    );
    expect(web.process.capabilities.effective).toContain("CAP_CHOWN");
    expect(web.linux.maskedPaths).toContain("/proc/kcore");
  });
});

interface OciConfig {
  process: { args: string[]; env: string[]; capabilities: { effective: string[] } };
  hostname: string;
  mounts: { destination: string }[];
  linux: { namespaces: unknown[]; maskedPaths: string[] };
}
