import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeLayout } from "../../support/image/make-image.ts";
import { tar } from "../../support/image/tar.ts";
import { eventually } from "../../support/tspod.ts";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";
import { host, pidsOf } from "../support/processes.ts";

const { tspod, canary, inside, probed, volumes } = attack();
const privileged = { securityContext: { privileged: true } };

/** Runs each command in the pod; which of them succeeded. */
async function succeeding(name: string, commands: readonly string[]): Promise<string[]> {
  const script = commands.map((command, index) => `(${command}) >/dev/null 2>&1 && echo ${index}`).join("\n");
  const { stdout } = await inside(name, `${script}\ntrue`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => commands[Number(line)] ?? line);
}

describe("a privileged container of a pod with hostUsers: false (B18)", () => {
  it("can do nothing to the kernel that all share, though it has every capability in its own namespaces", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("all", [idle("a", privileged)], { hostUsers: false }))]);
    const watched = ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/swappiness", "/proc/sys/kernel/hostname"];
    const before = watched.map((path) => readFileSync(path, "utf8"));
    // Of the host's root some may be missing; in its own user namespace the pod's has them all.
    expect((await inside("all", "grep CapEff /proc/self/status")).stdout).toBe("CapEff:\t000001ffffffffff\n");
    const own = [
      "mount -t tmpfs none /mnt",
      "hostname other",
      "ip addr add 10.255.255.1/32 dev lo",
      "chroot / true",
    ];
    expect(await succeeding("all", ["mkdir -p /mnt", ...own])).toEqual(["mkdir -p /mnt", ...own]);
    const hosts = [
      "echo x > /proc/sys/kernel/core_pattern",
      "echo x > /proc/sys/vm/swappiness",
      "echo x > /sys/kernel/uevent_helper",
      "mknod /tmp/c c 1 3",
      "mknod /tmp/b b 254 0",
      "mount -t cgroup -o rdma none /mnt",
      "mount -t devtmpfs none /mnt",
      "mount -t securityfs none /mnt",
      "mount -t debugfs none /mnt",
      "dmesg -c",
      "find /sys/fs/cgroup -name release_agent | grep . && find /sys/fs/cgroup -name release_agent -exec sh -c 'echo x > $0' {} \\; -exec false {} \\;  | grep never",
      "for f in $(find /sys/fs/cgroup -name cgroup.procs -o -name devices.allow -o -name cpu.shares); do echo 1 > $f && exit 0; done; false",
      "mkdir $(find /sys/fs/cgroup -name cgroup.procs | head -1 | xargs dirname)/x",
      "nice -n -5 true && nice -n -5 nice | grep -q -- -5",
    ];
    expect(await succeeding("all", hosts)).toEqual([]);
    expect(watched.map((path) => readFileSync(path, "utf8"))).toEqual(before);
    await tspod.ok(["rm", "-f", "all"]);
  });

  it("cannot open devices that came with its image, nor write to what it was given to read", async () => {
    const disk = statSync(host("findmnt", "-n", "-o", "SOURCE", "/").trim());
    const kmsg = statSync("/dev/kmsg");
    const node = (name: string, { rdev }: { rdev: number }, type: string) => ({
      name,
      type,
      major: rdev >> 8,
      minor: rdev & 0xff,
      mode: 0o666,
    });
    const busybox = readFileSync(host("sh", "-c", "command -v busybox").trim());
    const folders = ["bin", "proc", "sys", "dev", "etc"].map((name) => ({ name, type: "5", mode: 0o755 }));
    const layout = join(tspod.dir, "devices");
    makeLayout(layout, {
      layers: [
        tar(
          ...folders,
          { name: "bin/sh", data: busybox, mode: 0o755 },
          { name: "bin/busybox", data: busybox, mode: 0o755 },
          node("disk", disk, "4"),
          node("kmsg", kmsg, "3"),
        ),
      ],
    });
    const folder = join(tspod.dir, "read-only");
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), canary.secret);
    const container = idle("a", {
      image: `oci:${layout}`,
      volumeMounts: [{ name: "v", mountPath: "/v", readOnly: true }],
      ...privileged,
    });
    const spec = { hostUsers: false, volumes: [{ name: "v", hostPath: { path: folder } }] };
    await tspod.ok(["run", "-d", tspod.manifest(pod("devices", [container], spec))]);
    // The nodes are there, and root's.
    expect(
      (await inside("devices", "busybox ls -ln /disk /kmsg | busybox awk '{print $1, $3}'")).stdout,
    ).toBe("brw-rw-rw- 0\ncrw-rw-rw- 0\n");
    const opened = ["busybox head -c 1 /disk", "busybox head -c 1 /kmsg"];
    const remounted = ["mount -o remount,bind,dev /", "mount -o remount,bind,rw /v"];
    const written = [
      "echo x > /v/file",
      "touch /v/new",
      "busybox mount --bind / /etc && busybox head -c 1 /etc/disk",
      // What is below is the container's own again.
      "busybox umount /v && ls /v/file",
    ];
    const all = [...opened, ...remounted.map((one) => `busybox ${one}`), ...opened, ...written];
    expect(await succeeding("devices", all)).toEqual([]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe(canary.secret);
    await tspod.ok(["rm", "-f", "devices"]);
  });

  it("cannot widen its map of ids, nor make a wider one", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("map", [idle("a", privileged)], { hostUsers: false }))]);
    const { of } = await pidsOf(tspod, "map");
    const read = () =>
      ["uid_map", "gid_map", "setgroups"].map((name) => readFileSync(`/proc/${of("a")}/${name}`, "utf8"));
    const before = read();
    const child = "unshare -U sleep 60 & sleep 0.3; for pid in $(pidof sleep); do";
    expect(
      await succeeding("map", [
        "echo '0 0 4294967295' > /proc/self/uid_map",
        "echo '0 0 4294967295' > /proc/1/gid_map",
        "echo deny > /proc/1/setgroups",
        `${child} echo '0 0 65537' > /proc/$pid/uid_map && exit 0; done; false`,
        `${child} echo '0 70000 1' > /proc/$pid/uid_map && exit 0; done; false`,
        "nsenter -t 1 -U true",
      ]),
    ).toEqual([]);
    expect(read()).toEqual(before);
    await tspod.ok(["rm", "-f", "map"]);
  });

  it("cannot look into the holder, which was started by the host's root", async () => {
    const spec = { hostUsers: false, shareProcessNamespace: true };
    await tspod.ok(["run", "-d", tspod.manifest(pod("holder", [idle("a", privileged)], spec))]);
    expect(
      await succeeding("holder", [
        "readlink /proc/1/exe",
        "ls /proc/1/root/",
        "ls /proc/1/fd",
        "cat /proc/1/maps | grep .",
        "cat /proc/1/environ",
        "echo 0 > /proc/1/oom_score_adj",
      ]),
    ).toEqual([]);
    await tspod.ok(["rm", "-f", "holder"]);
  });
});

describe("files of the host in a pod with hostUsers: false", () => {
  it("of owners beyond its ids are out of its root's reach", async () => {
    const folder = join(tspod.dir, "owners");
    execFileSync("mkdir", [folder]);
    for (const [name, owner] of [
      ["beyond", 70_000],
      ["within", 1000],
    ] as const) {
      writeFileSync(join(folder, name), canary.secret, { mode: 0o600 });
      chownSync(join(folder, name), owner, owner);
    }
    const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }], ...privileged });
    const spec = { hostUsers: false, volumes: [{ name: "v", hostPath: { path: folder } }] };
    await tspod.ok(["run", "-d", tspod.manifest(pod("owners", [container], spec))]);
    expect((await inside("owners", "ls -ln /v | awk 'NR>1 {print $3, $4, $NF}'")).stdout).toBe(
      "65534 65534 beyond\n1000 1000 within\n",
    );
    expect(
      await succeeding("owners", [
        "cat /v/beyond",
        "echo x >> /v/beyond",
        "chown 0 /v/beyond",
        "chmod 666 /v/beyond",
        "chown 70000 /v/within",
        `cat /proc/1/root/../../${canary.path}`,
        `cat ${canary.path}`,
      ]),
    ).toEqual([]);
    expect(readFileSync(join(folder, "beyond"), "utf8")).toBe(canary.secret);
    await tspod.ok(["rm", "-f", "owners"]);
  });

  it("with the setuid bit make nobody on the host root, and in the pod its root only", async () => {
    chmodSync(tspod.dir, 0o755);
    const script =
      "cp /probe/probe /v/su; chmod 4755 /v/su; cp /probe/probe /su; chmod 4755 /su; touch /v/done; exec sleep 600";
    const { volumeMounts } = probed();
    const container = sh("a", script, { volumeMounts: [...volumeMounts, { name: "v", mountPath: "/v" }] });
    const spec = { hostUsers: false, volumes: [...volumes().volumes, { name: "v", emptyDir: {} }] };
    await tspod.ok(["run", "-d", tspod.manifest(pod("suid", [container], spec))]);
    await eventually(async () => (await inside("suid", "ls /v/done")).code === 0);
    const uid = (await tspod.inspect("suid")).metadata.uid;
    const lib = join(tspod.dir, "var/lib/tspod/pods", uid);
    const { of } = await pidsOf(tspod, "suid");
    for (const path of [
      join(lib, "volumes/empty-dir~v/su"),
      join(lib, "containers/a/0/upper/su"),
      `/proc/${of("a")}/root/su`,
      `/proc/${of("a")}/root/v/su`,
    ]) {
      expect(existsSync(path), path).toBe(true);
      // By way of a shell: setpriv itself keeps capabilities until it executes something.
      const asNobody = [
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        "sh",
        "-c",
        `exec ${path} uids`,
      ];
      expect(() => execFileSync("setpriv", asNobody, { stdio: "pipe" }), path).toThrow(/Permission denied/);
    }
    for (const path of ["/su", "/v/su"])
      expect(await tspod.ok(["exec", "-u", "1000", "suid", "--", path, "uids"]), path).toBe("1000 0\n");
    await tspod.ok(["rm", "-f", "suid"]);
  });
});
