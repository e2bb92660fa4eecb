import { closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tspodBinary } from "../../support/tspod.ts";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";
import { host, pidsOf, statusLine } from "../support/processes.ts";

const { tspod, inside, probed, volumes } = attack();

function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

describe("masked and read-only paths (A4, A15)", () => {
  it("are as the OCI defaults have them", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("masked", [idle("a")]))]);
    for (const path of [
      "/proc/kcore",
      "/proc/keys",
      "/proc/timer_list",
      "/proc/sched_debug",
      "/proc/latency_stats",
    ]) {
      expect(
        (await inside("masked", `[ -e ${path} ] && head -c 1 ${path} | wc -c || echo 0`)).stdout,
        path,
      ).toBe("0\n");
    }
    for (const path of ["/sys/firmware", "/proc/acpi", "/proc/scsi", "/sys/devices/virtual/powercap"]) {
      expect((await inside("masked", `[ -e ${path} ] && ls ${path} | wc -l || echo 0`)).stdout, path).toBe(
        "0\n",
      );
    }
    const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    for (const path of [
      "/proc/sys/kernel/core_pattern",
      "/proc/sysrq-trigger",
      "/proc/irq/default_smp_affinity",
      "/sys/kernel/uevent_helper",
      "/proc/sys/kernel/modprobe",
      "/proc/fs/x",
      "/proc/bus/x",
    ]) {
      expect((await inside("masked", `echo x > ${path}`)).code, path).not.toBe(0);
    }
    expect((await inside("masked", "mount -o remount,rw /proc/sys; mount -t proc proc /tmp")).code).not.toBe(
      0,
    );
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
    await tspod.ok(["rm", "-f", "masked"]);
  });
});

describe("capabilities and users (A11, A18, B7, B8)", () => {
  it("nothing is inheritable, for root and others, in run and exec", async () => {
    const show = "grep -E '^(CapInh|CapAmb|CapEff)' /proc/self/status; id -G";
    const containers = [
      sh("root", `${show}; exec sleep 600`),
      sh("user", `${show}; exec sleep 600`, { securityContext: { runAsUser: 1000, runAsGroup: 1001 } }),
    ];
    const spec = { securityContext: { supplementalGroups: [2000, 2001], fsGroup: 3000 } };
    await tspod.ok(["run", "-d", tspod.manifest(pod("caps", containers, spec))]);
    const { of } = await pidsOf(tspod, "caps");
    for (const name of ["root", "user"]) {
      expect(statusLine(of(name), "CapInh"), name).toBe("0000000000000000");
      expect(statusLine(of(name), "CapAmb"), name).toBe("0000000000000000");
      const exec = await tspod.ok([
        "exec",
        "-c",
        name,
        "caps",
        "--",
        "grep",
        "-E",
        "^Cap(Inh|Amb)",
        "/proc/self/status",
      ]);
      expect(exec.match(/0000000000000000/g), name).toHaveLength(2);
    }
    // The default set of 14, less what the host's root lacks.
    expect(BigInt(`0x${statusLine(of("root"), "CapBnd")}`) & ~0xa80425fbn).toBe(0n);
    expect(statusLine(of("user"), "CapEff")).toBe("0000000000000000");
    const groups = async (name: string) =>
      (await tspod.ok(["exec", "-c", name, "caps", "--", "id", "-G"]))
        .trim()
        .split(" ")
        .map(Number)
        .sort((a, b) => a - b);
    // gid 0 does not leak into a container that runs as another.
    expect(await groups("user")).toEqual([1001, 2000, 2001, 3000]);
    expect((await groups("root")).filter((gid) => gid >= 1000)).toEqual([2000, 2001, 3000]);
    await tspod.ok(["rm", "-f", "caps"]);
  });

  it("/dev/null of the host keeps its owner, whoever the container is", async () => {
    const before = statSync("/dev/null");
    const containers = [idle("a", { securityContext: { runAsUser: 1000 } })];
    await tspod.ok(["run", "-d", tspod.manifest(pod("null", containers))]);
    await tspod.ok([
      "exec",
      "null",
      "--",
      "sh",
      "-c",
      "chown 1000 /dev/null /proc/self/fd/0; chmod 600 /dev/null; true",
    ]);
    await tspod.ok(["exec", "-u", "1000", "null", "--", "true"]);
    await tspod.ok(["rm", "-f", "null"]);
    const { uid, gid, mode, rdev } = statSync("/dev/null");
    expect({ uid, gid, mode, rdev }).toEqual({
      uid: before.uid,
      gid: before.gid,
      mode: before.mode,
      rdev: before.rdev,
    });
  });

  it("HOME and an unknown uid put nothing into /etc/passwd", async () => {
    const env = [{ name: "HOME", value: "/x\nroot2::0:0::/:/bin/sh" }];
    const file = tspod.manifest(
      pod("home", [sh("a", "cat /etc/passwd; id -u", { env, securityContext: { runAsUser: 4242 } })]),
    );
    const { code, stdout } = await tspod.run(["run", "-q", file]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("root2");
    expect(stdout).toContain("a | 4242\n");
  });

  it("privileges are not gained where the manifest forbids it", async () => {
    const securityContext = { runAsUser: 1000, allowPrivilegeEscalation: false };
    await tspod.ok(["run", "-d", tspod.manifest(pod("nnp", [idle("a", { securityContext })]))]);
    const { of } = await pidsOf(tspod, "nnp");
    expect(statusLine(of("a"), "NoNewPrivs")).toBe("1");
    expect((await tspod.ok(["exec", "nnp", "--", "grep", "NoNewPrivs", "/proc/self/status"])).trim()).toMatch(
      /1$/,
    );
    await tspod.ok(["rm", "-f", "nnp"]);
  });
});

describe("keyrings", () => {
  it("of whoever runs a command in a container stay out of it, in users of its own or not", async () => {
    const probe = join(tspod.dir, "probe/probe");
    const withKey = (...command: string[]) => host(probe, "with-key", "canary", ...command).trim();
    // Else there would be nothing to leak.
    expect(withKey(probe, "read-key")).toBe("canary");
    for (const hostUsers of [true, false]) {
      const open = probed({ securityContext: { seccompProfile: { type: "Unconfined" } } });
      await tspod.ok([
        "run",
        "-d",
        tspod.manifest(pod("keys", [idle("a", open)], { hostUsers, ...volumes() })),
      ]);
      const exec = [tspodBinary, "--root", tspod.dir, "exec", "keys", "--"];
      expect(withKey(...exec, "sh", "-c", "/probe/probe read-key 2>&1 || true")).toMatch(/^search: /);
      await tspod.ok(["rm", "-f", "keys"]);
    }
  });
});

describe("cgroups and devices (A13, A14)", () => {
  it("release_agent is out of reach: no mount, no user namespace, no writable hierarchy", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("agent", [idle("a", probed())], volumes()))]);
    for (const controller of ["rdma", "memory", "none,name=x"]) {
      for (const way of ["cgroup-mount", "cgroup-userns"]) {
        const { code, stderr } = await inside("agent", `/probe/probe ${way} ${controller}`);
        expect(code, `${way} ${controller}`).toBe(1);
        expect(stderr).toMatch(/^(unshare|mount): (Operation not permitted|Permission denied)\n$/);
      }
    }
    const { stdout } = await inside(
      "agent",
      "find /sys/fs/cgroup \\( -name release_agent -o -name notify_on_release -o -name cgroup.procs -o -name devices.allow \\) 2>/dev/null | while read f; do (echo 1 > $f) 2>/dev/null && echo WROTE $f; done; mkdir /sys/fs/cgroup/x 2>/dev/null && echo MADE; echo done",
    );
    expect(stdout).toBe("done\n");
    await tspod.ok(["rm", "-f", "agent"]);
  });

  it("device nodes of the host can be made, and not opened", async () => {
    const disk = host("findmnt", "-n", "-o", "SOURCE", "/").trim();
    // What the host's own root may not open proves nothing.
    const devices = [disk, "/dev/loop0", "/dev/kmsg", "/dev/fuse", "/dev/mem"].filter(canOpen);
    expect(devices).toContain("/dev/kmsg");
    const securityContext = { capabilities: { add: ["MKNOD"] } };
    await tspod.ok(["run", "-d", tspod.manifest(pod("disk", [idle("a", { securityContext })]))]);
    for (const device of devices) {
      const stats = statSync(device);
      const [type, major, minor] = [stats.isBlockDevice() ? "b" : "c", stats.rdev >> 8, stats.rdev & 0xff];
      const made = await inside("disk", `rm -f /tmp/d; mknod /tmp/d ${type} ${major} ${minor}`);
      expect(made, device).toMatchObject({ code: 0 });
      const { code, stderr } = await inside("disk", "head -c 1 /tmp/d");
      expect(code, device).not.toBe(0);
      expect(stderr, device).toContain("Operation not permitted");
    }
    const allowed = "head -c 4 /dev/zero | wc -c; echo x > /dev/null; head -c 2 /dev/urandom | wc -c";
    expect(await inside("disk", allowed)).toMatchObject({ code: 0, stdout: "4\n2\n" });
    await tspod.ok(["rm", "-f", "disk"]);
  });
});
