import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";

const { tspod } = attack();

describe("names and values (A16, A17)", () => {
  it("of sysctls reach only what the pod owns", async () => {
    const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    const sysctls: [string, string, object?][] = [
      ["kernel.shm_rmid_forced", "1+kernel.core_pattern=|/x"],
      ["kernel/core_pattern", "|/x"],
      ["net.ipv4/../../kernel/core_pattern", "|/x"],
      ["net.ipv4.../../kernel.core_pattern", "|/x"],
      ["kernel.core_pattern", "|/x"],
      ["kernel.shm_rmid_forced", "1", { hostIPC: true }],
      ["net.ipv4.ip_forward", "1", { hostNetwork: true }],
    ];
    for (const [name, value, spec] of sysctls) {
      const file = tspod.manifest(
        pod("sysctl", [idle("a")], { ...spec, securityContext: { sysctls: [{ name, value }] } }),
      );
      const { code, stdout } = await tspod.run(["run", "-d", file]);
      expect({ code: code !== 0, stdout }, `${name}=${value}`).toEqual({ code: true, stdout: "" });
    }
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
    const good = {
      securityContext: { sysctls: [{ name: "net.ipv4.ip_local_port_range", value: "2000 3000" }] },
    };
    const seen = await tspod.run([
      "run",
      "-q",
      tspod.manifest(pod("sysctl", [sh("a", "cat /proc/sys/net/ipv4/ip_local_port_range")], good)),
    ]);
    expect(seen).toMatchObject({ code: 0, stdout: "a | 2000\t3000\n" });
  });

  it("of pods, containers, volumes and keys are names, never paths or options", async () => {
    const names = ["../x", "a/b", "-rf", "a\nb", "x".repeat(300), "..", ".", "A", "a b", "$(id)", ""];
    for (const name of names) {
      const pods = [
        pod(name, [idle("a")]),
        pod("p", [idle(name)]),
        pod("p", [idle("a", { volumeMounts: [{ name, mountPath: "/v" }] })], {
          volumes: [{ name, emptyDir: {} }],
        }),
      ];
      for (const [index, manifest] of pods.entries()) {
        const { code, stdout } = await tspod.run(["run", "-d", tspod.manifest(manifest)]);
        expect(
          { code, stdout },
          `${JSON.stringify(name)} as ${["pod", "container", "volume"][index]}`,
        ).toEqual({ code: 2, stdout: "" });
      }
    }
    const hostname = await tspod.run([
      "run",
      "-d",
      tspod.manifest(pod("p", [idle("a")], { hostname: "a\u0000b" })),
    ]);
    expect(hostname.code).toBe(2);
    for (const selected of ["../x", "-rf", "..", "/", "*"]) {
      expect((await tspod.run(["inspect", "--", selected])).code, selected).toBe(4);
    }
  });
});
