import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  detectCgroups,
  type FactSource,
  hostFacts,
  throttleFolders,
} from "../../../src/kernel/host-facts/index.ts";

/** A host made of files; a folder is there when a file is below it. */
function host(files: Record<string, string | Buffer>): FactSource {
  const names = Object.keys(files);
  const bytes = (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path]));
  return {
    bytes,
    read: (path) => bytes(path)?.toString("utf8"),
    list: (path) =>
      [
        ...new Set(
          names.filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)),
        ),
      ]
        .map((rest) => rest.split("/")[0] ?? "")
        .filter((name, index, all) => all.indexOf(name) === index),
    exists: (path) => names.some((name) => name === path || name.startsWith(`${path}/`)),
  };
}

const mount = (target: string, type: string, options: string) =>
  `31 23 0:28 / ${target} rw,relatime shared:1 - ${type} none rw,${options}`;
const c = "/sys/fs/cgroup";

const v2 = {
  "/proc/self/mountinfo": [mount("/", "ext4", "x"), mount(c, "cgroup2", "nsdelegate")].join("\n"),
  [`${c}/cgroup.controllers`]: "cpuset cpu io memory hugetlb pids rdma\n",
  [`${c}/system.slice/memory.current`]: "1",
  [`${c}/system.slice/memory.swap.max`]: "max",
  "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "0",
  "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages": "0",
  "/sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages": "0",
  "/proc/sys/kernel/osrelease": "6.1.0-23-amd64\n",
};
const systemdHybrid = {
  "/proc/self/mountinfo": [
    mount(`${c}/unified`, "cgroup2", "nsdelegate"),
    mount(`${c}/cpu,cpuacct`, "cgroup", "cpu,cpuacct"),
    mount(`${c}/memory`, "cgroup", "memory"),
    mount(`${c}/pids`, "cgroup", "pids"),
    mount(`${c}/devices`, "cgroup", "devices"),
    mount(`${c}/systemd`, "cgroup", "xattr,name=systemd"),
  ].join("\n"),
  [`${c}/unified/cgroup.controllers`]: "\n",
  [`${c}/memory/memory.limit_in_bytes`]: "1",
  "/proc/sys/kernel/osrelease": "5.10.0",
};

describe("detectCgroups", () => {
  it("finds a v2 host", () => {
    expect(detectCgroups(host(v2))).toEqual({
      mode: "v2",
      unified: c,
      unifiedControllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma"],
      v1: {},
      swapLimit: true,
      hugePageSizes: ["2MB", "1GB", "64KB"],
      kill: true,
    });
  });

  it("finds a hybrid host with controllers mounted together, and what its kernel lacks", () => {
    const layout = detectCgroups(host(systemdHybrid));
    expect(layout).toMatchObject({ mode: "hybrid", unified: `${c}/unified`, swapLimit: false, kill: false });
    expect(layout.v1).toEqual({
      cpu: `${c}/cpu,cpuacct`,
      cpuacct: `${c}/cpu,cpuacct`,
      memory: `${c}/memory`,
      pids: `${c}/pids`,
      devices: `${c}/devices`,
    });
    expect(layout.unifiedControllers).toEqual([]);
  });

  it("finds a v1 host, a named hierarchy being none, and a path with a space", () => {
    const text = [
      mount("/cg\\040roup/pids", "cgroup", "pids"),
      mount(`${c}/systemd`, "cgroup", "name=systemd"),
    ];
    const layout = detectCgroups(host({ "/proc/self/mountinfo": text.join("\n") }));
    expect(layout).toMatchObject({ mode: "v1", unified: "", v1: { pids: "/cg roup/pids" } });
  });

  it("finds nothing where nothing is mounted", () => {
    expect(detectCgroups(host({})).mode).toBe("none");
  });
});

const good = {
  ...v2,
  "/proc/self/status": "Name:\tnode\nUid:\t0\t0\t0\t0\nCapPrm:\t000001ffffffffff\n",
  "/proc/sys/kernel/cap_last_cap": "40\n",
  ...Object.fromEntries(
    ["mnt", "pid", "net", "ipc", "uts", "cgroup", "user"].map((name) => [`/proc/self/ns/${name}`, ""]),
  ),
  "/proc/filesystems": "nodev\tsysfs\nnodev\toverlay\n\text4\n",
  "/proc/sys/user/max_user_namespaces": "1000",
  "/proc/sys/kernel/seccomp/actions_avail": "kill_process errno allow\n",
  "/sys/module/nf_tables/refcnt": "0",
  "/proc/sys/net/ipv4/ip_forward": "1",
};
const failing = (files: Record<string, string | Buffer>) =>
  hostFacts(host(files))
    .filter(({ ok }) => !ok)
    .map(({ id, level }) => `${level} ${id}`);
const without = (...prefixes: string[]) =>
  Object.fromEntries(
    Object.entries(good).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))),
  );

describe("hostFacts", () => {
  it("finds no fault with a good host, and gives each row an id of its own", () => {
    expect(failing(good)).toEqual([]);
    const ids = hostFacts(host(good)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each<[string, Record<string, string | Buffer>, string[]]>([
    [
      "no root",
      { "/proc/self/status": "Uid:\t1000\t1000\nCapPrm:\t000001ffffffffff\n" },
      ["error user.root"],
    ],
    [
      "no CAP_SYS_RESOURCE",
      { "/proc/self/status": "Uid:\t0\t0\nCapPrm:\t000001fffeffffff\n" },
      ["warning user.capabilities"],
    ],
    [
      "no CAP_SYS_ADMIN",
      { "/proc/self/status": "Uid:\t0\t0\nCapPrm:\t000001ffffdfffff\n" },
      ["error user.capabilities"],
    ],
    ["an old kernel", { "/proc/sys/kernel/osrelease": "5.4.0" }, ["error kernel.version"]],
    ["a kernel without cgroup.kill", { "/proc/sys/kernel/osrelease": "5.13.1" }, ["warning kernel.version"]],
    ["SELinux enforcing", { "/sys/fs/selinux/enforce": "1" }, ["warning kernel.security-modules"]],
    [
      "only the pids controller",
      { [`${c}/cgroup.controllers`]: "pids\n" },
      ["warning cgroup.cpu", "warning cgroup.memory"],
    ],
    [
      "the root of another's container",
      { [`${c}/cgroup.type`]: "domain", [`${c}/cgroup.procs`]: "1\n" },
      ["error cgroup.root"],
    ],
  ])("finds %s", (_name, files, expected) => {
    expect(failing({ ...good, ...files })).toEqual(expected);
  });

  it("finds what the kernel lacks", () => {
    expect(failing(without("/proc/self/ns/pid"))).toEqual(["error kernel.namespaces"]);
    expect(failing(without("/proc/sys/kernel/seccomp"))).toEqual(["error kernel.seccomp"]);
    expect(failing(without("/proc/filesystems"))).toEqual(["error kernel.overlay"]);
    expect(failing(without("/sys/module/nf_tables"))).toEqual(["error kernel.nftables"]);
    expect(failing(without("/proc/self/mountinfo"))).toContain("error cgroup.mode");
    expect(failing(without("/proc/self/ns/user"))).toEqual(["info kernel.user-namespaces"]);
  });

  it("says a way out for each fault", () => {
    for (const fact of hostFacts(host({})))
      if (!fact.ok) expect([fact.id, fact.hint]).not.toEqual([fact.id, ""]);
  });

  it("finds a module that is not loaded yet, and one built in", () => {
    const nothing = without("/sys/module/nf_tables", "/proc/filesystems");
    const modules = "/lib/modules/6.1.0-23-amd64";
    const dep = "kernel/fs/overlayfs/overlay.ko.xz:\nkernel/net/netfilter/nf_tables.ko: kernel/lib/x.ko\n";
    expect(failing({ ...nothing, [`${modules}/modules.dep`]: dep })).toEqual([]);
    const config = "CONFIG_OVERLAY_FS=y\nCONFIG_NF_TABLES=m\n";
    expect(failing({ ...nothing, "/proc/config.gz": gzipSync(config) })).toEqual([]);
    expect(
      failing({ ...nothing, "/proc/config.gz": gzipSync("# CONFIG_NF_TABLES is not set\n") }),
    ).toHaveLength(2);
  });
});

it("throttleFolders are those this host has", () => {
  const cpu = "/sys/devices/system/cpu";
  const files = {
    [`${cpu}/cpu0/thermal_throttle/x`]: "",
    [`${cpu}/cpu1/topology/x`]: "",
    [`${cpu}/cpufreq/x`]: "",
  };
  expect(throttleFolders(host(files))).toEqual([`${cpu}/cpu0/thermal_throttle`]);
});
