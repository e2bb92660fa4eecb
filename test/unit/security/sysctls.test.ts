import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../../src/manifest/index.ts";
import { safeSysctls, sysctlOps } from "../../../src/security/sysctls.ts";

const spec = (sysctls: [string, string][], rest: Partial<PodSpec> = {}): PodSpec => ({
  containers: [],
  securityContext: { sysctls: sysctls.map(([name, value]) => ({ name, value })) },
  ...rest,
});
const written = (of: PodSpec) =>
  Object.fromEntries(sysctlOps(of).map((op) => ("path" in op && "data" in op ? [op.path, op.data] : [])));

describe("sysctlOps", () => {
  it("lets a pod use low ports and ping without capabilities, in its own network only", () => {
    expect(written(spec([]))).toEqual({
      "sys/net/ipv4/ip_unprivileged_port_start": "0",
      "sys/net/ipv4/ping_group_range": "0 2147483647",
    });
    expect(sysctlOps(spec([], { hostNetwork: true }))).toEqual([]);
    // Only groups that the pod has: others the kernel refuses.
    expect(written(spec([], { hostUsers: false }))).toEqual({
      "sys/net/ipv4/ip_unprivileged_port_start": "0",
      "sys/net/ipv4/ping_group_range": "0 65535",
    });
  });

  it("writes the manifest's in place of the defaults, in either spelling", () => {
    const values = written(
      spec([
        ["net.ipv4.ip_unprivileged_port_start", "1024"],
        ["net/ipv4/conf/eth0.1/forwarding", "1"],
        ["kernel.shm_rmid_forced", "1"],
        ["fs.mqueue.msg_max", "20"],
      ]),
    );
    expect(values).toMatchObject({
      "sys/net/ipv4/ip_unprivileged_port_start": "1024",
      "sys/net/ipv4/conf/eth0.1/forwarding": "1",
      "sys/kernel/shm_rmid_forced": "1",
      "sys/fs/mqueue/msg_max": "20",
    });
    for (const name of safeSysctls)
      expect(Object.keys(written(spec([[name, "1"]])))).toContain(`sys/${name.replaceAll(".", "/")}`);
  });

  it.each([
    ["kernel.core_pattern", "|/x"],
    ["kernel/core_pattern", "|/x"],
    ["kernel.hostname", "x"],
    ["vm.overcommit_memory", "1"],
    ["fs.file-max", "1"],
    ["kernel.shmx/../core_pattern", "1"],
    ["net.ipv4/../../kernel/core_pattern", "|/x"],
    ["net.ipv4..ip_forward", "1"],
    ["/net/ipv4/ip_forward", "1"],
    ["net.ipv4.IP_FORWARD", "1"],
    ["", "1"],
  ])("refuses %j, which is not a pod's own", (name, value) => {
    expect(() => sysctlOps(spec([[name, value]]))).toThrow(/sysctls\[0\]/);
  });

  it("refuses a value of more than one line", () => {
    expect(() => sysctlOps(spec([["kernel.shm_rmid_forced", "1\n2"]]))).toThrow(/one line/);
    // CVE-2022-0811: tools that join name=value pairs with '+' took this for two; one file is written here.
    const odd = written(spec([["kernel.shm_rmid_forced", "1+kernel.core_pattern=|/x"]]));
    expect(Object.keys(odd).filter((path) => path.includes("kernel"))).toEqual([
      "sys/kernel/shm_rmid_forced",
    ]);
  });

  it("refuses those of a namespace that is the host's", () => {
    expect(() => sysctlOps(spec([["net.ipv4.tcp_rmem", "1 2 3"]], { hostNetwork: true }))).toThrow(
      'forbidden sysctl: "net.ipv4.tcp_rmem" not allowed with host net enabled',
    );
    expect(() => sysctlOps(spec([["kernel.shmmax", "1"]], { hostIPC: true }))).toThrow(
      'forbidden sysctl: "kernel.shmmax" not allowed with host ipc enabled',
    );
    expect(sysctlOps(spec([["kernel.shmmax", "1"]], { hostNetwork: true }))).toHaveLength(1);
  });
});
