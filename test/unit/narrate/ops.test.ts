import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { describeContainerOp, describeHostOp, fieldOf } from "../../../src/narrate/index.ts";
import { shellWord } from "../../../src/narrate/narration.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";

const port = { protocol: "TCP", hostIP: "", hostPort: 8080, podIP: "10.0.0.2", containerPort: 80 } as const;

/** One of every kind; the compiler misses none. */
const host: { [K in HostOp["op"]]: Extract<HostOp, { op: K }> } = {
  mkdir: { op: "mkdir", path: "/x", mode: 0o700 },
  "ensure-directory": { op: "ensure-directory", path: "/x", mode: 0o755 },
  "ensure-file": { op: "ensure-file", path: "/x", mode: 0o644 },
  "remove-tree": { op: "remove-tree", path: "/x" },
  "write-file": { op: "write-file", path: "/x", data: "it's", mode: 0o644 },
  symlink: { op: "symlink", path: "/x", target: "y" },
  unlink: { op: "unlink", path: "/x" },
  rename: { op: "rename", from: "/x", to: "/y" },
  "claim-ensure": { op: "claim-ensure", path: "/x", mode: 0o777, record: "/y.json", data: "{}" },
  "fs-group": { op: "fs-group", path: "/x", gid: 2000, onlyOnMismatch: false },
  "mount-tmpfs": { op: "mount-tmpfs", target: "/x", flags: 6, data: "size=1m" },
  "mount-hugetlbfs": { op: "mount-hugetlbfs", target: "/x", data: "pagesize=2097152" },
  "expect-mounts": { op: "expect-mounts", path: "/x", keep: [], detach: false },
  "umount-below": { op: "umount-below", path: "/x", keep: [], detach: true },
  "mount-overlay": { op: "mount-overlay", target: "/x", lowers: ["/a", "/x"], mapped: false },
  umount: { op: "umount", target: "/x" },
  "cgroup-create": { op: "cgroup-create", path: "/cg", shared: true },
  "cgroup-set": {
    op: "cgroup-set",
    path: "/cg/cpu.max",
    value: "50000 100000",
    because: "spec.containers[0].resources.limits.cpu",
  },
  "cgroup-devices-bpf": { op: "cgroup-devices-bpf", path: "/cg", program: "00".repeat(16) },
  "cgroup-remove": { op: "cgroup-remove", path: "/cg" },
  "cgroup-remove-if-empty": { op: "cgroup-remove-if-empty", path: "/cg" },
  "address-hold": { op: "address-hold", directory: "/a", address: "10.0.0.2", uid: "u", teardown: [] },
  "address-release": { op: "address-release", directory: "/a", address: "10.0.0.2", uid: "u", teardown: [] },
  "id-range-hold": { op: "id-range-hold", directory: "/i", first: 65536, size: 65536, uid: "u" },
  "id-range-release": { op: "id-range-release", directory: "/i", first: 65536, size: 65536, uid: "u" },
  "bridge-add": { op: "bridge-add", name: "tspod0", address: "10.0.0.1", prefixLength: 16 },
  "link-delete": { op: "link-delete", name: "tspod0" },
  "veth-add": { op: "veth-add", name: "v", bridge: "tspod0", peer: "eth0" },
  "link-up": { op: "link-up", netns: "pod", name: "lo" },
  "address-add": { op: "address-add", netns: "pod", name: "eth0", address: "10.0.0.2", prefixLength: 16 },
  "route-default": { op: "route-default", netns: "pod", gateway: "10.0.0.1", name: "eth0" },
  "sysctl-set": { op: "sysctl-set", key: "net/ipv4/conf/tspod0/forwarding", value: "1" },
  "uplinks-close": { op: "uplinks-close", table: "tspod" },
  "nft-table-add": { op: "nft-table-add", table: "tspod", bridge: "tspod0", subnet: "10.0.0.0/16" },
  "nft-table-delete": { op: "nft-table-delete", table: "tspod" },
  "nft-ports-add": { op: "nft-ports-add", table: "tspod", ports: [port] },
  "nft-ports-delete": { op: "nft-ports-delete", table: "tspod", ports: [port] },
  "holder-start": { op: "holder-start", flags: 0x40000000, cgroup: "", kill: "/cg", ops: [] },
  "container-start": {
    op: "container-start",
    name: "web",
    directory: "/d",
    logDirectory: "/l",
    cgroup: "/cg",
    monitorCgroup: "",
    fds: [],
    ops: [],
  },
  "apparmor-load": { op: "apparmor-load", profile: "tspod-default", text: "profile tspod-default {\n}\n" },
  "container-exec": { op: "container-exec", name: "web" },
  "kill-all": { op: "kill-all", cgroup: "/cg" },
};

const container: { [K in ContainerOp["op"]]: Extract<ContainerOp, { op: K }> } = {
  setns: { op: "setns", fd: 6, flags: 0x40000000 },
  log: { op: "log", dirFd: 7, name: "0.log", maxBytes: 10 << 20, maxFiles: 5 },
  attach: { op: "attach", dirFd: 8, name: "attach", sizes: "size", stdin: true, once: false },
  "exit-record": { op: "exit-record", dirFd: 8, name: "exit", oomFile: "", killFile: "" },
  clone: { op: "clone", flags: 0x20020000, cgroupFd: 9, stdio: "pipes" },
  aside: { op: "aside", stdio: "pipes", uid: 65536, gid: 65536 },
  "clone-mapped": { op: "clone-mapped", flags: 0x10000000, first: 65536, size: 65536 },
  "id-map": { op: "id-map", fd: 200, by: 10, of: "/v", volume: "data" },
  "fs-user": { op: "fs-user", uid: 65536, gid: 65536 },
  gate: { op: "gate" },
  unshare: { op: "unshare", flags: 0x2000000 },
  "write-fd": { op: "write-fd", fd: 10, data: "0" },
  write: { op: "write", path: "/cg/tasks", data: "0" },
  sethostname: { op: "sethostname", name: "web" },
  setdomainname: { op: "setdomainname", name: "x" },
  setsid: { op: "setsid" },
  umask: { op: "umask", mask: 0o22 },
  pdeathsig: { op: "pdeathsig", signal: 9 },
  keyring: { op: "keyring" },
  propagation: { op: "propagation", flags: 0x44000 },
  mount: { op: "mount", source: "tmpfs", target: "/r", fstype: "tmpfs", flags: 0, data: "mode=555" },
  overlay: {
    op: "overlay",
    target: "/r",
    lowers: ["/a:b", "/c"],
    upper: "/u",
    work: "/w",
    options: ["volatile"],
  },
  tree: { op: "tree", fd: 100, source: "/v", subPath: "", createSubPath: false, recursive: true },
  root: { op: "root", path: "/r" },
  mkdir: { op: "mkdir", path: "/x", mode: 0o755 },
  fs: { op: "fs", fstype: "proc", target: "/proc", attrs: 14, options: [] },
  procfs: { op: "procfs" },
  bind: {
    op: "bind",
    source: "/v",
    subPath: "",
    target: "/data",
    createSubPath: false,
    recursive: true,
    set: 1,
    clear: 0,
    propagation: 0,
    attrsRecursive: false,
    tree: -1,
  },
  dev: { op: "dev", path: "/dev/null", mode: 0o666, major: 1, minor: 3 },
  symlink: { op: "symlink", path: "/dev/fd", target: "/proc/self/fd" },
  mask: { op: "mask", path: "/proc/kcore" },
  readonly: { op: "readonly", path: "/proc/sys" },
  "root-attr": { op: "root-attr", set: 1 },
  "proc-write": { op: "proc-write", path: "self/oom_score_adj", data: "1000" },
  pivot: { op: "pivot" },
  chdir: { op: "chdir", path: "/w", uid: 0, gid: 0 },
  console: { op: "console", sockFd: -1, bind: true, rows: 24, columns: 80 },
  "stdin-null": { op: "stdin-null" },
  "chown-stdio": { op: "chown-stdio", uid: 0, gid: 0 },
  rlimit: { op: "rlimit", resource: 7, soft: 1024n, hard: 2n ** 64n - 1n },
  "caps-bound": { op: "caps-bound", mask: 1n },
  user: { op: "user", uid: 1, gid: 2, groups: [3] },
  caps: { op: "caps", effective: 1n, permitted: 1n, inheritable: 0n, ambient: 0n },
  "no-new-privs": { op: "no-new-privs" },
  seccomp: { op: "seccomp", flags: 0, filter: "00".repeat(16) },
  "close-fds": { op: "close-fds", from: 3 },
  execve: { op: "execve", candidates: ["/bin/sh"], argv: ["sh", "-c", "echo it's"], env: ["A=b c"] },
  pause: { op: "pause" },
};

const told = [
  ...Object.values(host).map((op) => ({ name: `host ${op.op}`, narration: describeHostOp(op) })),
  ...Object.values(container).map((op) => ({
    name: `container ${op.op}`,
    narration: describeContainerOp(op),
  })),
];

describe("an operation in words", () => {
  it.each(told)("$name says what, why and which system calls", ({ narration: { what, why, syscalls } }) => {
    expect(what).not.toMatch(/undefined|NaN|\[object/);
    expect(what.length).toBeLessThan(160);
    expect(why).toMatch(/^[A-Za-z0-9].*\.$/);
    expect(why.length).toBeLessThan(180);
    expect(syscalls.length).toBeGreaterThan(0);
    expect(syscalls.join()).not.toMatch(/undefined|NaN|\[object/);
  });

  it("decodes flags and gives commands that can be typed", () => {
    expect(describeContainerOp(container.fs)).toMatchObject({
      what: "mount proc on /proc",
      syscalls: [
        'fsopen("proc")',
        "fsmount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)",
        'move_mount("/proc")',
      ],
      shell: "mount -t proc -o nosuid,nodev,noexec proc $ROOT/proc",
    });
    expect(describeContainerOp(container.clone).syscalls).toEqual([
      "clone3(CLONE_NEWPID | CLONE_NEWNS | CLONE_INTO_CGROUP)",
    ]);
    expect(describeHostOp(host["mount-tmpfs"]).shell).toBe("mount -t tmpfs -o nosuid,nodev,size=1m tmpfs /x");
  });

  it("quotes what a shell would take apart", () => {
    expect(describeHostOp(host["write-file"]).shell).toBe("printf %s 'it'\\''s' > /x && chmod 0644 /x");
    expect(describeContainerOp(container.execve).shell).toBe("exec env -i 'A=b c' sh -c 'echo it'\\''s'");
  });

  it("leaves nothing of a manifest for a shell to expand, and its own $ROOT alone", () => {
    const words = ["$HOME", "$$", "`id`", "$(id)", "a\nb", "~", "*", "", "it's"];
    const script = words.map((word) => `printf '%s\\0' ${shellWord(word)}`).join("\n");
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(`${words.join("\0")}\0`);
    expect(describeContainerOp({ ...container.bind, target: "/a $b" }).shell).toMatch(/ \$ROOT'\/a \$b'$/);
  });

  it("tells a folder of the host from one of the container", () => {
    expect(describeHostOp(host.mkdir).what).toBe("make folder /x");
    expect(describeContainerOp(container.mkdir).what).toBe("make folder /x in the container");
  });
});

describe("the field that asked for an operation", () => {
  const pod = {
    metadata: { name: "p" },
    spec: {
      volumes: [{ name: "box", emptyDir: {} }],
      initContainers: [{ name: "i", command: ["x"] }],
      containers: [
        { name: "a", image: "busybox" },
        {
          name: "b",
          image: "busybox",
          args: ["x"],
          workingDir: "/w",
          volumeMounts: [{ name: "box", mountPath: "/data/" }],
          securityContext: { runAsUser: 1, allowPrivilegeEscalation: false },
        },
      ],
    },
  };
  const field = (op: HostOp | ContainerOp, name?: string) => fieldOf(op, { pod, container: name });

  it.each([
    ["a limit", host["cgroup-set"], undefined, "spec.containers[0].resources.limits.cpu"],
    ["the hostname", container.sethostname, undefined, "metadata.name"],
    ["a mount", container.bind, "b", "spec.containers[1].volumeMounts[0]"],
    ["arguments", container.execve, "b", "spec.containers[1].args"],
    ["a command", container.execve, "i", "spec.initContainers[0].command"],
    ["the working directory", container.chdir, "b", "spec.containers[1].workingDir"],
    ["the user", container.user, "b", "spec.containers[1].securityContext.runAsUser"],
    [
      "no new privileges",
      container["no-new-privs"],
      "b",
      "spec.containers[1].securityContext.allowPrivilegeEscalation",
    ],
    ["the image", container.overlay, "a", "spec.containers[0].image"],
  ] as const)("is found for %s", (_, op, name, path) => {
    expect(field(op, name)).toBe(path);
  });

  it("is found for the folder of a volume", () => {
    expect(field({ op: "mkdir", path: "/lib/pods/u/volumes/box", mode: 0 })).toBe("spec.volumes[0]");
  });

  it("is none for what every pod has", () => {
    for (const op of [container.fs, container.gate, container.user, container.bind, host.mkdir]) {
      expect(field(op, "a")).toBeUndefined();
    }
    expect(field({ ...host["cgroup-set"], because: "a default of tspod" })).toBeUndefined();
  });
});
