import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Container } from "../../../src/manifest/index.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";
import {
  allCapabilities,
  processSecurityOps,
  procPaths,
  seccompFilter,
} from "../../../src/security/index.ts";
import { makeRootfs, output, status } from "../../native/harness.ts";

const EPERM = 1;
const ENOSYS = 38;
const folder = mkdtempSync(join(tmpdir(), "tspod-probe-"));
const program = join(folder, "probe");

beforeAll(() => {
  const source = new URL("probe.c", import.meta.url).pathname;
  const built = spawnSync("gcc", ["-static", "-O1", "-o", program, source], { encoding: "utf8" });
  expect(built.stderr).toBe("");
});
afterAll(() => rmSync(folder, { recursive: true }));

const available = BigInt(`0x${status(process.pid).CapPrm}`);

/** The last ops of a container with this securityContext, as the plan has them. */
function confinement(securityContext: Container["securityContext"], uid = 0): ContainerOp[] {
  const container = securityContext === undefined ? { name: "a" } : { name: "a", securityContext };
  const host = { arch: process.arch, kernelRelease: "6.1.0", capabilities: available, readProfile: () => "" };
  return processSecurityOps({
    container,
    user: { uid, gid: uid, groups: uid === 0 ? [0] : [uid, 2000] },
    available,
    seccompFilter: seccompFilter({ containers: [] }, container, host).filter,
  }).ops;
}

/** What each call of the probe answered, under these ops. */
function probe(late: ContainerOp[]): Record<string, number> {
  const root = makeRootfs();
  cpSync(program, join(root, "bin/probe"));
  const lines = output({ sh: "/bin/probe", root, late }).split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", errno] = line.split(" ");
      return [name, Number(errno)];
    }),
  );
}

const denied = [
  "unshare-user",
  "unshare-mount",
  "mount-cgroup",
  "keyctl",
  "add_key",
  "bpf",
  "perf_event_open",
  "setns",
  "userfaultfd",
  "io_uring_setup",
  "clone-user",
  "af-alg",
  "af-alg-high",
  "personality",
];
const ordinary = ["af-inet", "personality-query", "chroot", "getpid", "fork"];

describe("under RuntimeDefault a program", () => {
  it.each([
    ["by default", undefined],
    ["with no_new_privs", { allowPrivilegeEscalation: false }],
    ["with CAP_NET_ADMIN", { capabilities: { add: ["NET_ADMIN"] } }],
  ])("%s is refused what reaches beyond its container, and does ordinary work", (_name, context) => {
    const answers = probe(confinement(context));
    expect(Object.fromEntries(denied.map((name) => [name, answers[name]]))).toEqual(
      Object.fromEntries(denied.map((name) => [name, EPERM])),
    );
    expect(Object.fromEntries(ordinary.map((name) => [name, answers[name]]))).toEqual(
      Object.fromEntries(ordinary.map((name) => [name, 0])),
    );
    expect([answers.clone3, answers.newer]).toEqual([ENOSYS, ENOSYS]);
  });

  // Other machines have no such ABIs.
  it.runIf(process.arch === "x64")("finds no way round by the other ABIs of x86", () => {
    const answers = probe(confinement(undefined));
    expect(answers["keyctl-int80"]).toBe(EPERM);
    expect(answers["keyctl-x32"]).toBe(EPERM);
    expect(answers["getpid-int80"]).toBe(0);
    expect(answers["newer-int80"]).toBe(ENOSYS);
  });

  it("without the filter would get further: the probe can tell", () => {
    const answers = probe(confinement({ seccompProfile: { type: "Unconfined" } }));
    expect(answers["unshare-user"]).toBe(0);
    expect(answers.keyctl).toBe(0);
    expect(answers["af-alg"]).not.toBe(EPERM);
  });
});

describe("a container's process", () => {
  const shown = (late: ContainerOp[]) => {
    const text = output({ sh: "cat /proc/self/status", late });
    return Object.fromEntries(text.split("\n").map((line) => line.split(":").map((part) => part.trim())));
  };
  const zero = "0000000000000000";

  it("has the default capabilities, none of them inheritable or ambient", () => {
    const got = shown(confinement(undefined));
    expect(got).toMatchObject({
      CapBnd: "00000000a80425fb",
      CapEff: "00000000a80425fb",
      CapInh: zero,
      CapAmb: zero,
    });
    expect(got).toMatchObject({ Seccomp: "2", NoNewPrivs: "0" });
  });

  it("that is not root keeps the bounding set only, as under Kubernetes, and its groups", () => {
    const got = shown(confinement({ capabilities: { add: ["NET_ADMIN"] } }, 1000));
    expect(got).toMatchObject({
      CapPrm: zero,
      CapEff: zero,
      CapInh: zero,
      CapAmb: zero,
      CapBnd: "00000000a80435fb",
    });
    expect(got.Uid).toBe("1000\t1000\t1000\t1000");
    expect(got.Groups).toBe("1000 2000");
  });

  it("without capabilities or new privileges has none", () => {
    const got = shown(confinement({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } }));
    expect(got).toMatchObject({ CapPrm: zero, CapEff: zero, CapBnd: zero, NoNewPrivs: "1", Seccomp: "2" });
  });

  it("that is privileged has what this host's root has, and no filter", () => {
    const got = shown(confinement({ privileged: true }));
    expect(BigInt(`0x${got.CapEff}`)).toBe(available & allCapabilities);
    expect(got.Seccomp).toBe("0");
  });

  it("sees no masked path and changes no protected one", () => {
    const paths = procPaths({ name: "a" });
    const mounts: ContainerOp[] = [
      ...paths.masked.map((path): ContainerOp => ({ op: "mask", path })),
      ...paths.readonly.map((path): ContainerOp => ({ op: "readonly", path })),
    ];
    const sh = [
      "for f in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts /proc/acpi /proc/scsi /sys/firmware; do",
      "if [ -d $f ]; then ls $f | head -n1; elif [ -e $f ]; then dd if=$f bs=64 count=1 2>/dev/null; fi; done;",
      "(echo x > /proc/sys/kernel/core_pattern) 2>&1; (echo 1 > /proc/irq/default_smp_affinity) 2>&1; echo end",
    ].join(" ");
    const lines = output({ sh, mounts, late: confinement(undefined) }).split("\n");
    expect(lines).toEqual([
      "/bin/sh: can't create /proc/sys/kernel/core_pattern: Read-only file system",
      "/bin/sh: can't create /proc/irq/default_smp_affinity: Read-only file system",
      "end",
    ]);
  });
});

it("a Localhost profile does what its file says", () => {
  const profile = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [
      { names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 42 },
      { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" },
    ],
  };
  const file = join(folder, "audit.json");
  writeFileSync(file, JSON.stringify(profile));
  const container: Container = {
    name: "a",
    securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "audit.json" } },
  };
  const readProfile = () => JSON.stringify(profile);
  const host = { arch: process.arch, kernelRelease: "6.1.0", capabilities: available, readProfile };
  const late = processSecurityOps({
    container,
    user: { uid: 0, gid: 0, groups: [0] },
    available,
    seccompFilter: seccompFilter({ containers: [] }, container, host).filter,
  }).ops;
  expect(output({ sh: "busybox mkdir /tmp/x 2>&1; busybox touch /tmp/y && echo touched", late })).toBe(
    "mkdir: can't create directory '/tmp/x': Operation not permitted\ntouched",
  );
});
