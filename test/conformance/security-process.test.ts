import { expect } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { capabilities } from "./support/capabilities.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
type Context = Container["securityContext"];
const status = (name: string, securityContext?: Context) =>
  sh(name, "cat /proc/self/status", securityContext && { securityContext });
const field = (text: string, name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1];

const ran = node.ended(
  pod("ran", [
    status("plain"),
    status("add", { capabilities: { add: ["SYS_TIME", "NET_ADMIN"] } }),
    status("drop", { capabilities: { drop: ["CHOWN", "KILL"] } }),
    status("none", { capabilities: { drop: ["ALL"] } }),
    status("one", { capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }),
    status("all", { capabilities: { add: ["ALL"] } }),
    status("user", { runAsUser: 1000, capabilities: { add: ["SYS_TIME"] } }),
    status("no-escalation", { allowPrivilegeEscalation: false }),
    status("escalation", { allowPrivilegeEscalation: true }),
    status("unconfined", { seccompProfile: { type: "Unconfined" } }),
    status("runtime-default", { seccompProfile: { type: "RuntimeDefault" } }),
    sh(
      "privileged",
      "cat /proc/self/status; ls -d /dev/kmsg /dev/mem /dev/fuse 2>/dev/null; touch /proc/sys/kernel/x; mount",
      {
        securityContext: { privileged: true },
      },
    ),
    sh("masked", "wc -c < /proc/keys; ls /proc/acpi /sys/firmware; mount; cat /proc/self/mountinfo"),
    sh("chown", "touch /x; chown 5:5 /x && echo chowned", {
      securityContext: { capabilities: { drop: ["ALL"] } },
    }),
    sh("write-sys", "echo x > /proc/sys/vm/swappiness; echo 1 > /sys/kernel/mm/transparent_hugepage/enabled"),
    sh("keyctl", "unshare -m true && echo unshared; mount -t tmpfs x /mnt; dmesg >/dev/null && echo read"),
  ]),
);
const caps = async (container: string, set = "CapEff") =>
  capabilities(field((await ran()).printed(container), set) as string);

behaviour("process-01", "containers have a small set of capabilities by default", from.security, async () => {
  const found = await caps("plain");
  expect(found).toEqual(
    expect.arrayContaining([
      "CHOWN",
      "DAC_OVERRIDE",
      "FOWNER",
      "SETUID",
      "SETGID",
      "KILL",
      "NET_BIND_SERVICE",
    ]),
  );
  for (const name of ["SYS_ADMIN", "NET_ADMIN", "SYS_TIME", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "BPF"])
    expect(found).not.toContain(name);
});

behaviour("process-02", "capabilities.add adds to the default set", from.security, async () => {
  expect((await caps("add")).sort()).toEqual([...(await caps("plain")), "SYS_TIME", "NET_ADMIN"].sort());
});

behaviour("process-03", "capabilities.drop takes from the default set", from.security, async () => {
  const rest = (await caps("plain")).filter((name) => !["CHOWN", "KILL"].includes(name));
  expect(await caps("drop")).toEqual(rest);
});

behaviour("process-04", "drop ALL leaves none, in the bounding set neither", from.standards, async () => {
  expect([await caps("none"), await caps("none", "CapBnd"), await caps("none", "CapPrm")]).toEqual([
    [],
    [],
    [],
  ]);
  expect((await ran()).printed("chown")).toBe("");
  expect((await ran()).printed("chown", "stderr")).toContain("Operation not permitted");
});

behaviour("process-05", "drop ALL and add one leaves that one", from.standards, async () => {
  expect(await caps("one")).toEqual(["NET_BIND_SERVICE"]);
});

behaviour("process-06", "add ALL gives all that root has", from.security, async () => {
  const found = await caps("all");
  expect(found).toEqual(expect.arrayContaining(["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_CHROOT"]));
});

behaviour(
  "process-07",
  "a process that is not root has none in effect; added ones bound what it can gain",
  from.security,
  async () => {
    expect(await caps("user")).toEqual([]);
    expect(await caps("user", "CapBnd")).toContain("SYS_TIME");
  },
);

behaviour(
  "process-08",
  "allowPrivilegeEscalation false sets no_new_privs, else it is not set",
  from.security,
  async () => {
    const flag = async (name: string) => field((await ran()).printed(name), "NoNewPrivs");
    expect([await flag("no-escalation"), await flag("escalation"), await flag("plain")]).toEqual([
      "1",
      "0",
      "0",
    ]);
  },
);

behaviour(
  "process-09",
  "seccomp RuntimeDefault filters system calls, Unconfined does not",
  from.seccomp,
  async () => {
    const mode = async (name: string) => field((await ran()).printed(name), "Seccomp");
    expect([await mode("runtime-default"), await mode("unconfined")]).toEqual(["2", "0"]);
  },
);

behaviour(
  "process-10",
  "a privileged container has all capabilities and no filter",
  from.security,
  async () => {
    const text = (await ran()).printed("privileged");
    expect(field(text, "Seccomp")).toBe("0");
    expect((await caps("privileged")).sort()).toEqual((await caps("all")).sort());
  },
);

behaviour(
  "process-11",
  "a privileged container sees no path of /proc and /sys masked or read-only",
  from.containerSpec,
  async () => {
    const text = (await ran()).printed("privileged");
    expect(text).not.toMatch(/ on \/proc\/(keys|acpi|sys) /);
    expect(text).toMatch(/ on \/sys type sysfs \(rw/);
  },
);

behaviour(
  "process-18",
  "a privileged container has the host's devices in /dev",
  from.kernelSecurity,
  async () => {
    expect((await ran()).printed("privileged")).toMatch(/^\/dev\/kmsg$/m);
  },
);

behaviour(
  "process-12",
  "other containers see paths of /proc and /sys masked or read-only",
  from.containerSpec,
  async () => {
    const text = (await ran()).printed("masked");
    expect(text).toMatch(/^0$/m);
    expect(text).toMatch(/ on \/proc\/sys type proc \(ro/);
    expect(text).toMatch(/ on \/sys type sysfs \(ro/);
  },
);

behaviour("process-13", "they cannot write the host's kernel settings", from.standards, async () => {
  const said = (await ran()).printed("write-sys", "stderr");
  expect(said.match(/Read-only file system/g)).toHaveLength(2);
});

behaviour("process-14", "they can neither mount nor make namespaces", from.standards, async () => {
  const pod = await ran();
  expect(pod.printed("keyctl")).toBe("");
  expect(pod.printed("keyctl", "stderr")).toMatch(/unshare.*Operation not permitted/);
});

const sysctls = node.ended(
  pod(
    "sysctls",
    [
      sh(
        "a",
        "cat /proc/sys/kernel/shm_rmid_forced /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/ip_unprivileged_port_start",
      ),
    ],
    {
      securityContext: {
        sysctls: [
          { name: "kernel.shm_rmid_forced", value: "1" },
          { name: "net.ipv4.ip_local_port_range", value: "20000 30000" },
          { name: "net.ipv4.ip_unprivileged_port_start", value: "100" },
        ],
      },
    },
  ),
);

behaviour("process-15", "safe sysctls are set in the pod's namespaces", from.sysctls, async () => {
  expect((await sysctls()).printed("a").split(/\s+/)).toEqual(["1", "20000", "30000", "100", ""]);
});

behaviour("process-16", "a sysctl that no namespace holds is refused", from.sysctls, async () => {
  const manifest = pod("unsafe", [sh("a", "true")], {
    securityContext: { sysctls: [{ name: "vm.swappiness", value: "1" }] },
  });
  expect(await node.refused(manifest)).toContain("vm.swappiness");
});

behaviour(
  "process-17",
  "privileged and allowPrivilegeEscalation false contradict each other",
  from.security,
  async () => {
    const securityContext = { privileged: true, allowPrivilegeEscalation: false };
    expect(await node.refused(pod("both", [sh("a", "true", { securityContext })]))).toContain(
      "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    );
  },
);
