import { describe, expect, it } from "vitest";
import type { Container } from "../../../src/manifest/index.ts";
import {
  allCapabilities,
  availableCapabilities,
  capabilityBit,
  capabilityNames,
  containerCapabilities,
  defaultCapabilities,
  namesOf,
} from "../../../src/security/capabilities.ts";
import { procPaths } from "../../../src/security/proc-paths.ts";
import { processSecurityOps } from "../../../src/security/process-ops.ts";
import { rlimitOps, unlimited } from "../../../src/security/rlimits.ts";

const make = (securityContext: Container["securityContext"]): Container =>
  securityContext === undefined ? { name: "a" } : { name: "a", securityContext };
const changed = (add: string[], drop: string[]) =>
  namesOf(containerCapabilities(make({ capabilities: { add, drop } }), allCapabilities).mask);

describe("capabilities", () => {
  it("are 41, numbered as the kernel numbers them", () => {
    expect(capabilityNames).toHaveLength(41);
    expect(capabilityBit("CHOWN")).toBe(1n);
    expect(capabilityBit("CAP_SYS_ADMIN")).toBe(1n << 21n);
    expect(capabilityBit("sys_resource")).toBe(1n << 24n);
    expect(capabilityBit("CHECKPOINT_RESTORE")).toBe(1n << 40n);
    expect(namesOf(1n << 45n)).toEqual(["45"]);
  });

  it("by default are the runtimes' fourteen", () => {
    // CapBnd of a container under containerd, as /proc/self/status shows it.
    expect(defaultCapabilities).toBe(0xa80425fbn);
    expect(containerCapabilities(make(undefined), allCapabilities)).toEqual({
      mask: 0xa80425fbn,
      warnings: [],
    });
  });

  it("can be added and dropped one by one and all at once; what is added outlives drop ALL", () => {
    expect(changed(["NET_ADMIN"], [])).toContain("NET_ADMIN");
    expect(changed([], ["NET_RAW"])).not.toContain("NET_RAW");
    expect(changed(["NET_BIND_SERVICE"], ["ALL"])).toEqual(["NET_BIND_SERVICE"]);
    expect(changed([], ["all"])).toEqual([]);
    expect(changed(["ALL"], ["SYS_ADMIN"])).toEqual(capabilityNames.filter((name) => name !== "SYS_ADMIN"));
    expect(changed(["KILL"], ["KILL"])).not.toContain("KILL");
  });

  it("of a name that is none are an error with the nearest name", () => {
    expect(() => changed(["NET_ADMN"], [])).toThrow('"NET_ADMN" is not a Linux capability');
    try {
      changed(["NET_ADMN"], []);
    } catch (error) {
      expect((error as { hint: string }).hint).toBe("did you mean NET_ADMIN?");
    }
    expect(() => changed([], ["FOO"])).toThrow(/"FOO"/);
  });

  it("of a privileged container are those of this host's root, which names what it lacks", () => {
    const available = allCapabilities & ~(1n << 24n);
    const { mask, warnings } = containerCapabilities(make({ privileged: true }), available);
    expect(mask).toBe(available);
    expect(warnings).toEqual([
      "container a: privileged, but this host's root lacks SYS_RESOURCE, so the container does too",
    ]);
    const asked = containerCapabilities(make({ capabilities: { add: ["SYS_RESOURCE"] } }), available);
    expect(asked.warnings).toHaveLength(1);
    expect(containerCapabilities(make(undefined), 0n).warnings).toEqual([]);
  });

  it("of a pod with a user namespace of its own are all there are, whatever this host's root lacks", () => {
    const host = allCapabilities & ~(1n << 24n);
    expect(availableCapabilities({ hostUsers: false }, host)).toBe(allCapabilities);
    expect(availableCapabilities({ hostUsers: true }, host)).toBe(host);
    expect(availableCapabilities({}, host)).toBe(host);
    // Of a kernel that is newer than this page.
    expect(availableCapabilities({ hostUsers: false }, 1n << 45n)).toBe(allCapabilities | (1n << 45n));
  });
});

describe("processSecurityOps", () => {
  const ops = (securityContext: Container["securityContext"]) =>
    processSecurityOps({
      container: make(securityContext),
      user: { uid: 1000, gid: 1000, groups: [1000] },
      available: allCapabilities,
      seccompFilter: "06000000",
    }).ops;

  it("loads the filter before CAP_SYS_ADMIN goes, where no_new_privs is not set", () => {
    expect(ops(undefined).map(({ op }) => op)).toEqual(["caps-bound", "seccomp", "user", "caps"]);
  });

  it("loads the filter last of all under no_new_privs", () => {
    const names = ops({ allowPrivilegeEscalation: false }).map(({ op }) => op);
    expect(names).toEqual(["caps-bound", "user", "caps", "no-new-privs", "seccomp"]);
  });

  it("leaves the inheritable and ambient sets empty", () => {
    for (const op of ops({ capabilities: { add: ["NET_ADMIN"] } })) {
      if (op.op === "caps") expect([op.inheritable, op.ambient]).toEqual([0n, 0n]);
    }
    expect(ops(undefined).find(({ op }) => op === "caps-bound")).toEqual({
      op: "caps-bound",
      mask: defaultCapabilities,
    });
  });
});

describe("procPaths", () => {
  it("hides what tells of the host and protects what steers it", () => {
    const { masked, readonly } = procPaths(make(undefined), [
      "/sys/devices/system/cpu/cpu0/thermal_throttle",
    ]);
    for (const path of [
      "/proc/kcore",
      "/proc/keys",
      "/proc/timer_list",
      "/sys/firmware",
      "/proc/interrupts",
    ]) {
      expect(masked).toContain(path);
    }
    expect(masked).toContain("/sys/devices/virtual/powercap");
    expect(masked).toContain("/sys/devices/system/cpu/cpu0/thermal_throttle");
    expect(readonly).toEqual(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]);
  });

  it("leaves all visible for privileged containers and unmasked procfs", () => {
    const nothing = { masked: [], readonly: [] };
    expect(procPaths(make({ privileged: true }))).toEqual(nothing);
    expect(procPaths(make({ procMount: "Unmasked" }))).toEqual(nothing);
    expect(procPaths(make({ procMount: "Default" })).masked.length).toBeGreaterThan(10);
  });
});

describe("rlimitOps", () => {
  const own = (soft: bigint, hard: bigint) => ({ soft, hard });
  const files = (limits: Pick<ReturnType<typeof rlimitOps>, "ops">) =>
    limits.ops.find((op) => op.op === "rlimit" && op.resource === 7);

  it("does not depend on the shell tspod was started from", () => {
    const poor = Array.from({ length: 16 }, () => own(1024n, unlimited));
    const { ops } = rlimitOps(poor, true);
    expect(files({ ops })).toEqual({
      op: "rlimit",
      resource: 7,
      soft: 1n << 20n,
      hard: 1n << 20n,
    });
    expect(ops).toContainEqual({ op: "rlimit", resource: 9, soft: unlimited, hard: unlimited });
    expect(ops).toContainEqual({ op: "rlimit", resource: 4, soft: 0n, hard: unlimited });
  });

  it.each([
    { hard: 1024n, warnings: 1, notes: 0 },
    { hard: 4095n, warnings: 1, notes: 0 },
    { hard: 4096n, warnings: 0, notes: 1 },
    { hard: 20_000n, warnings: 0, notes: 1 },
    { hard: (1n << 20n) - 1n, warnings: 0, notes: 1 },
    { hard: 1n << 20n, warnings: 0, notes: 0 },
  ])("is cut to a hard limit of $hard that cannot be raised: warnings $warnings, notes $notes", (one) => {
    const current = [...Array.from({ length: 7 }, () => own(unlimited, unlimited)), own(512n, one.hard)];
    const limits = rlimitOps(current, false);
    expect(files(limits)).toEqual({ op: "rlimit", resource: 7, soft: one.hard, hard: one.hard });
    expect([limits.warnings.length, limits.notes.length]).toEqual([one.warnings, one.notes]);
    for (const text of [...limits.warnings, ...limits.notes]) {
      expect(text).toContain(`open files are limited to ${one.hard}:`);
    }
  });

  it("writes nothing that is so already", () => {
    const current = Array.from({ length: 16 }, () => own(unlimited, unlimited));
    current[3] = own(8n << 20n, unlimited);
    current[4] = own(0n, unlimited);
    current[7] = own(1n << 20n, 1n << 20n);
    expect(rlimitOps(current, false).ops).toEqual([]);
  });
});
