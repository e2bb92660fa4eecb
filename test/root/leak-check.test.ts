import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { differences, expectNoLeaks, type Snapshot, snapshot } from "../support/leak-check.ts";

const sh = (command: string) => execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: "pipe" });
const graceMs = 300;

let root: string;
let before: Snapshot;
/** Undoes what a test made, last first. */
let undo: (() => void)[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tspod-leak-"));
  before = snapshot(root);
});

afterEach(async () => {
  for (const step of undo.reverse()) step();
  undo = [];
  await expectNoLeaks(before);
  rmSync(root, { recursive: true });
});

/** Starts a shell command detached from this test, in a session of its own, and waits until it has become `name`. */
function orphan(command: string, env: Record<string, string> = {}, name = "sleep"): number {
  const pid = Number(
    sh(
      `${Object.entries(env).map(([k, v]) => `${k}=${v} `)}setsid sh -c '${command}' >/dev/null 2>&1 & echo $!`,
    ),
  );
  while (readFileSync(`/proc/${pid}/comm`, "utf8").trim() !== name) sh("sleep 0.01");
  undo.push(() => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {}
  });
  return pid;
}

const id = () => before.scope.rootId;

/** Each makes one leak of the kind named first; the rest is what the report must contain. */
const leaks: [string, RegExp, () => void][] = [
  [
    "a child of the test",
    /\+ process \d+ sleep/,
    () => {
      const child: ChildProcess = spawn("sleep", ["60"]);
      undo.push(() => child.kill("SIGKILL"));
    },
  ],
  [
    "an orphan of a command",
    /\+ process \d+ sleep/,
    () => orphan("exec sleep 60", { TSPOD_TEST_ROOT: root }),
  ],
  [
    "an orphan in a cgroup of the root",
    /\+ process \d+ sleep/,
    () => {
      const pid = orphan("exec sleep 60");
      const cgroup = `/sys/fs/cgroup/pids/tspod-${id()}`;
      mkdirSync(cgroup);
      undo.unshift(() => sh(`while ! rmdir ${cgroup}; do sleep 0.01; done`));
      writeFileSync(join(cgroup, "tasks"), String(pid));
    },
  ],
  [
    "an orphan that mounts files of the root, with its namespaces",
    /\+ namespace mnt:\[\d+\] of \d+[\s\S]*\+ namespace net:\[\d+\][\s\S]*\+ process \d+ sleep/,
    () => {
      mkdirSync(join(root, "var/lib/tspod/images"), { recursive: true });
      orphan(`exec unshare -mn sh -c "mount --bind ${root}/var/lib/tspod/images /mnt && exec sleep 60"`);
    },
  ],
  [
    "a network namespace behind a descriptor",
    /\+ namespace net:\[\d+\] held by descriptor \d+/,
    () => {
      const child = spawn("unshare", ["-n", "sleep", "60"]);
      sh(`while [ "$(readlink /proc/${child.pid}/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do :; done`);
      const fd = openSync(`/proc/${child.pid}/ns/net`, "r");
      child.kill("SIGKILL");
      undo.push(() => closeSync(fd));
    },
  ],
  [
    "a mount in the root",
    /\+ mount tmpfs .*run\/tspod\/shm/,
    () => {
      const target = join(root, "run/tspod/shm");
      mkdirSync(target, { recursive: true });
      sh(`mount -t tmpfs leak ${target}`);
      undo.push(() => sh(`umount ${target}`));
    },
  ],
  [
    "a pinned network namespace in the root",
    /\+ mount nsfs .*run\/tspod\/net/,
    () => {
      const target = join(root, "run/tspod/net");
      mkdirSync(join(root, "run/tspod"), { recursive: true });
      writeFileSync(target, "");
      sh(`unshare -n mount --bind /proc/self/ns/net ${target} 2>/dev/null || unshare --net=${target} true`);
      undo.push(() => sh(`umount ${target}; rm -rf ${root}/run`));
    },
  ],
  [
    "a container's mount that came through to the host",
    /\+ mount proc leak on \/srv/,
    () => {
      sh("mount -t proc leak /srv");
      undo.push(() => sh("umount /srv"));
    },
  ],
  [
    "a bridge of the root, with its address and routes",
    /\+ address 10\.201\.77\.1\/24 on[\s\S]*\+ link[\s\S]*\+ route/,
    () => {
      sh(
        `ip link add ${before.scope.bridge} type bridge; ip addr add 10.201.77.1/24 dev ${before.scope.bridge}; ip link set ${before.scope.bridge} up`,
      );
      undo.push(() => sh(`ip link del ${before.scope.bridge}`));
    },
  ],
  [
    "a veth pair that is in no bridge",
    /\+ link leaked0 \(veth\)[\s\S]*\+ link tsp0123456789ab \(veth\)/,
    () => {
      sh("ip link add leaked0 type veth peer name tsp0123456789ab");
      undo.push(() => sh("ip link del leaked0"));
    },
  ],
  [
    "a route",
    /\+ route 10\.201\.78\.0\/24 dev lo/,
    () => {
      sh("ip route add 10.201.78.0/24 dev lo");
      undo.push(() => sh("ip route del 10.201.78.0/24"));
    },
  ],
  [
    "a routing rule",
    /\+ rule .*10\.201\.79\.0/,
    () => {
      sh("ip rule add from 10.201.79.0/24 table 200");
      undo.push(() => sh("ip rule del from 10.201.79.0/24 table 200"));
    },
  ],
  [
    "a firewall table of the root",
    /\+ firewall table.*tspod_/,
    () => {
      sh(`nft add table ip ${before.scope.table}`);
      undo.push(() => sh(`nft delete table ip ${before.scope.table}`));
    },
  ],
  [
    "a cgroup",
    /\+ cgroup \/sys\/fs\/cgroup\/.*tspod-/,
    () => {
      const path = `/sys/fs/cgroup/memory/tspod-${id()}`;
      mkdirSync(join(path, "pod"), { recursive: true });
      undo.push(() => sh(`rmdir ${path}/pod ${path}`));
    },
  ],
  [
    "a file",
    /\+ file .*pods\/1234\/state\.json/,
    () => {
      mkdirSync(join(root, "run/tspod/pods/1234"), { recursive: true });
      writeFileSync(join(root, "run/tspod/pods/1234/state.json"), "{}");
      undo.push(() => rmSync(join(root, "run"), { recursive: true }));
    },
  ],
  [
    "a setting of the host",
    /- sysctl net\.ipv4\.conf\.lo\.route_localnet = 0\n.*\+ sysctl net\.ipv4\.conf\.lo\.route_localnet = 1/,
    () => {
      sh("sysctl -qw net.ipv4.conf.lo.route_localnet=1");
      undo.push(() => sh("sysctl -qw net.ipv4.conf.lo.route_localnet=0"));
    },
  ],
  [
    "a shared memory segment",
    /\+ shm segment \d+, 4096 bytes/,
    () => {
      const segment = /\d+/.exec(sh("ipcmk -M 4096"))?.[0];
      undo.push(() => sh(`ipcrm -m ${segment}`));
    },
  ],
];

describe("the leak check", () => {
  it.each(leaks)("reports %s", async (_, report, leak) => {
    leak();
    await expect(expectNoLeaks(before, { graceMs })).rejects.toThrow(report);
  });

  it("reports what a command took away from the host", async () => {
    sh("ip route add 10.201.80.0/24 dev lo");
    const with_ = snapshot(root);
    sh("ip route del 10.201.80.0/24");
    await expect(expectNoLeaks(with_, { graceMs })).rejects.toThrow(/- route 10\.201\.80\.0\/24/);
  });

  it("waits for what ends by itself", async () => {
    const child = spawn("sleep", ["60"]);
    undo.push(() => child.kill("SIGKILL"));
    expect(differences(before, snapshot(root)).join()).toContain(`process ${child.pid}`);
    setTimeout(() => child.kill("SIGKILL"), 300);
    await expectNoLeaks(before);
  });

  it("is not disturbed by other programs and other roots", async () => {
    const other = mkdtempSync(join(tmpdir(), "tspod-other-"));
    const their = snapshot(other).scope;
    orphan(`exec unshare -mnip -f sh -c "mount -t tmpfs x /mnt; exec sleep 60"`, {}, "unshare");
    orphan("exec sleep 60", { TSPOD_TEST_ROOT: other });
    mkdirSync(`/sys/fs/cgroup/memory/tspod-${their.rootId}`);
    undo.push(() => rmdirSync(`/sys/fs/cgroup/memory/tspod-${their.rootId}`));
    sh(`ip link add ${their.bridge} type bridge; ip link add theirs type veth peer name tsp0123456789ac`);
    undo.push(() => sh(`ip link del ${their.bridge}; ip link del theirs`));
    sh(`ip link set theirs master ${their.bridge}; ip link set tsp0123456789ac master ${their.bridge}`);
    sh(`ip addr add 10.201.81.1/24 dev ${their.bridge}; ip link set ${their.bridge} up`);
    sh(`nft add table ip ${their.table}`);
    undo.push(() => sh(`nft delete table ip ${their.table}`));
    mkdirSync(join(other, "run/tspod/shm"), { recursive: true });
    sh(`mount -t tmpfs x ${other}/run/tspod/shm`);
    undo.push(() => sh(`umount ${other}/run/tspod/shm; rm -r ${other}`));
    expect(differences(before, snapshot(root))).toEqual([]);
  });

  it("does not miss the veth of another root's pod that was on its way into a bridge, or out of it", () => {
    const [one, two] = [1, 2].map((n) => `tsp${(process.pid * 10 + n).toString(16).padStart(12, "0")}`);
    sh(`ip link add ${one} type veth peer name ${two}`);
    const earlier = snapshot(root);
    sh(`ip link del ${one}`);
    expect(differences(earlier, snapshot(root)).filter((line) => line.includes("tsp0"))).toEqual([]);
    expect([...earlier.facts.values()].map(({ id }) => id)).toEqual(expect.arrayContaining([one, two]));
  });
});
