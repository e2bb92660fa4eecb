import { describe, expect, it } from "vitest";
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  MOUNT_ATTR_RDONLY,
} from "../../../src/kernel/constants.ts";
import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";
import { planContainerOf, planSandboxOf } from "../../../src/plan/pod.ts";
import { namespaceFlags } from "../../../src/plan/sandbox.ts";
import { podInput, standInImage } from "./support.ts";

const base: Container = { name: "c", image: "busybox", command: ["true"] };

function opsOf(container: Partial<Container>, spec: Partial<PodSpec> = {}, filter = ""): ContainerOp[] {
  const full = { ...base, ...container };
  const input = podInput({ containers: [full], ...spec });
  const plan = planContainerOf(input, {
    container: full,
    kind: "app",
    attempt: 0,
    image: standInImage,
    seccomp: { filter, flags: 0 },
  });
  const start = plan.ops.find((op) => op.op === "container-start");
  return start?.op === "container-start" ? start.ops : [];
}

function names(ops: ContainerOp[]): string[] {
  return ops.map(({ op }) => op);
}

function execOf(ops: ContainerOp[]): Extract<ContainerOp, { op: "execve" }> {
  const last = ops.at(-1);
  if (last?.op !== "execve") throw new Error("the last op is not execve");
  return last;
}

describe("a container's ops", () => {
  it("end in the gate and execve, with the filter behind the gate only under no_new_privs", () => {
    expect(names(opsOf({}, {}, "00")).slice(-5)).toEqual(["seccomp", "user", "caps", "gate", "execve"]);
    const hardened = opsOf({ securityContext: { allowPrivilegeEscalation: false } }, {}, "00");
    expect(names(hardened).slice(-6)).toEqual(["user", "caps", "no-new-privs", "gate", "seccomp", "execve"]);
  });

  it("join only what the pod has of its own", () => {
    const joined = (spec: Partial<PodSpec>) => {
      const op = opsOf({}, spec).find((each) => each.op === "setns");
      return op?.op === "setns" ? op.flags : 0;
    };
    expect(joined({})).toBe(CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC);
    expect(joined({ shareProcessNamespace: true })).toBe(
      CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID,
    );
    expect(joined({ hostIPC: true })).toBe(CLONE_NEWNET | CLONE_NEWUTS);
  });

  it("get a PID namespace of their own unless it is the pod's or the host's", () => {
    const cloned = (spec: Partial<PodSpec>) => {
      const op = opsOf({}, spec).find((each) => each.op === "clone");
      return op?.op === "clone" ? op.flags : 0;
    };
    expect(cloned({})).toBe(CLONE_NEWNS | CLONE_NEWPID);
    expect(cloned({ shareProcessNamespace: true })).toBe(CLONE_NEWNS);
    expect(cloned({ hostPID: true })).toBe(CLONE_NEWNS);
  });

  it("die with their monitor before anything else is done", () => {
    const ops = opsOf({});
    const clone = ops.findIndex(({ op }) => op === "clone");
    expect(ops[clone + 1]).toEqual({ op: "pdeathsig", signal: 9 });
  });

  it("enter v1 cgroups before the mount tree changes, by writing 0 to tasks", () => {
    const ops = opsOf({});
    const entered = ops.flatMap((op, index) =>
      op.op === "write" && op.path.endsWith("/tasks") ? [index] : [],
    );
    expect(entered.length).toBe(3);
    expect(Math.max(...entered)).toBeLessThan(ops.findIndex(({ op }) => op === "propagation"));
  });

  it("look for the command along the container's own PATH", () => {
    expect(execOf(opsOf({ command: ["ls", "-l"] }))).toMatchObject({
      candidates: ["/bin/ls", "/sbin/ls"],
      argv: ["ls", "-l"],
    });
    expect(execOf(opsOf({ command: ["/bin/ls"] })).candidates).toEqual(["/bin/ls"]);
    expect(execOf(opsOf({ command: [""] })).candidates).toEqual([""]);
    const own = opsOf({ command: ["ls"], env: [{ name: "PATH", value: "/opt" }] });
    expect(execOf(own).candidates).toEqual(["/opt/ls"]);
  });

  it("take the image's command, and let args replace only its arguments", () => {
    const argv = (container: Partial<Container>) => execOf(opsOf(container)).argv;
    expect(argv({ command: [] })).toEqual(["sh"]);
    expect(argv({ command: [], args: ["-c", "x"] })).toEqual(["-c", "x"]);
    expect(argv({ command: ["echo", "$(A)"], args: ["$(B)"], env: [{ name: "A", value: "1" }] })).toEqual([
      "echo",
      "1",
      "$(B)",
    ]);
  });

  it("see the image's variables under the manifest's, with HOSTNAME and HOME", () => {
    const env = execOf(opsOf({ env: [{ name: "FROM", value: "manifest" }] })).env;
    expect(env).toEqual(["PATH=/bin:/sbin", "HOSTNAME=p", "FROM=manifest", "HOME=/root"]);
  });

  it("run as the user the image's own files know", () => {
    const user = (container: Partial<Container>) => opsOf(container).find(({ op }) => op === "user");
    expect(user({})).toEqual({ op: "user", uid: 0, gid: 0, groups: [0] });
    expect(user({ securityContext: { runAsUser: 101 } })).toEqual({
      op: "user",
      uid: 101,
      gid: 101,
      groups: [101, 200],
    });
  });

  it("make the root read-only once the working directory is there", () => {
    const ops = names(opsOf({ securityContext: { readOnlyRootFilesystem: true } }));
    expect(ops.indexOf("root-attr")).toBe(ops.indexOf("chdir") + 1);
    expect(names(opsOf({}))).not.toContain("root-attr");
  });

  it("mask and protect nothing of /proc for privileged containers, and leave /sys writable", () => {
    const ops = opsOf({ securityContext: { privileged: true } });
    expect(names(ops)).not.toContain("mask");
    expect(names(ops)).not.toContain("readonly");
    const sys = ops.find((op) => op.op === "fs" && op.target === "/sys");
    expect(sys?.op === "fs" ? sys.attrs & MOUNT_ATTR_RDONLY : -1).toBe(0);
  });
});

describe("volume mounts", () => {
  const volumes = [{ name: "v", emptyDir: {} }];
  const binds = (mounts: Container["volumeMounts"], more: Partial<Container> = {}) =>
    opsOf({ ...(mounts ? { volumeMounts: mounts } : {}), ...more }, { volumes }).filter(
      (op) => op.op === "bind",
    );

  it("come outer before inner, whatever their order in the manifest", () => {
    const targets = binds([
      { name: "v", mountPath: "/a/b" },
      { name: "v", mountPath: "/a" },
    ]).map((op) => (op.op === "bind" ? op.target : ""));
    expect(targets.indexOf("/a")).toBeLessThan(targets.indexOf("/a/b"));
  });

  it("win over a generated file of the same path", () => {
    const hosts = binds([{ name: "v", mountPath: "/etc/hosts", subPath: "h" }]).filter(
      (op) => op.op === "bind" && op.target === "/etc/hosts",
    );
    expect(hosts).toHaveLength(1);
    expect(hosts[0]).toMatchObject({ subPath: "h", createSubPath: true });
  });

  it.each(["/proc", "/proc/self/attr", "/proc/sys/kernel", "//proc//1", "/./proc", "/"])(
    "are refused on %s",
    (mountPath) => {
      expect(() => binds([{ name: "v", mountPath }])).toThrow(/nothing may be mounted on/);
    },
  );

  it.each(["../x", "a/../../b", "/abs"])("are refused with subPath %s", (subPath) => {
    expect(() => binds([{ name: "v", mountPath: "/m", subPath }])).toThrow(/subPath/);
  });

  it("check subPathExpr after expansion", () => {
    const mounts = [{ name: "v", mountPath: "/m", subPathExpr: "$(WHERE)" }];
    expect(() => binds(mounts, { env: [{ name: "WHERE", value: "../../etc" }] })).toThrow(/subPath/);
    expect(binds(mounts, { env: [{ name: "WHERE", value: "in/side" }] })).toContainEqual(
      expect.objectContaining({ target: "/m", subPath: "in/side" }),
    );
  });
});

describe("a sandbox's namespaces", () => {
  it.each<[Partial<PodSpec>, number]>([
    [{}, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC],
    [
      { shareProcessNamespace: true },
      CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID,
    ],
    [{ hostNetwork: true }, CLONE_NEWNS | CLONE_NEWIPC],
    [{ hostIPC: true }, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS],
  ])("%j", (spec, flags) => {
    expect(namespaceFlags({ containers: [], ...spec })).toBe(flags);
  });

  it("holds the address and makes the table before the holder is born, and connects it after", () => {
    const ops = planSandboxOf(podInput()).ops.map(({ op }) => op);
    expect(ops.indexOf("address-hold")).toBeLessThan(ops.indexOf("holder-start"));
    expect(ops.indexOf("nft-table-add")).toBeLessThan(ops.indexOf("bridge-add"));
    expect(ops.indexOf("holder-start")).toBeLessThan(ops.indexOf("veth-add"));
    expect(ops.indexOf("route-default")).toBeLessThan(ops.indexOf("nft-ports-add"));
  });
});
