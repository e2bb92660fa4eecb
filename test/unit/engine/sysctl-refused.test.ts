import { describe, expect, it } from "vitest";
import { sysctlRefused } from "../../../src/engine/sysctl-refused.ts";
import { placeError } from "../../../src/pod/located.ts";

const write = (path: string, data = "1") => ({ op: "proc-write", path, data }) as const;

describe("a sysctl that the kernel does not take", () => {
  it.each([
    [
      "ENOENT",
      /^sysctl "net\.core\.x" is not one of a pod: the kernel has none of that name in its namespaces/,
    ],
    ["EACCES", /^sysctl "net\.core\.x" is not one of a pod: .* can only be read \(EACCES\)$/],
    ["EINVAL", /^sysctl "net\.core\.x": the kernel does not take the value "1" \(EINVAL\)$/],
  ])("with %s is told in words, by the name of the manifest", (errno, words) => {
    expect(sysctlRefused(write("sys/net/core/x"), { errno, syscall: "openat2" })?.message).toMatch(words);
  });

  it("has its name back however it is written to, and its place, dots in it or not", () => {
    const failure = { errno: "EINVAL", syscall: "write" };
    const op = { op: "write", path: "/proc/sys/net/ipv4/conf/eth0.1/forwarding", data: "x" } as const;
    const error = sysctlRefused(op, failure);
    expect(error?.path).toBe("net.ipv4.conf.eth0/1.forwarding");
    const sysctls = [
      { name: "net.core.somaxconn", value: "1" },
      { name: "net/ipv4/conf/eth0.1/forwarding", value: "x" },
    ];
    const pod = { spec: { containers: [], securityContext: { sysctls } } };
    const locate = (path: string) => ({ path }) as never;
    expect(placeError(error, { pod, locate, container: "" })).toMatchObject({
      position: { path: "spec.securityContext.sysctls[1]" },
    });
  });

  it("is not what the runtime writes for itself", () => {
    const failure = { errno: "ENOENT", syscall: "openat2" };
    expect(sysctlRefused(write("self/oom_score_adj"), failure)).toBeUndefined();
    const own = { op: "write", path: "/proc/sys/net/ipv6/conf/default/disable_ipv6", data: "1" } as const;
    expect(sysctlRefused(own, failure)).toBeUndefined();
  });
});
