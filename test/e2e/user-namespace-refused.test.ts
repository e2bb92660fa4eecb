import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../src/manifest/index.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const mapped = (name: string, containers: Container[], spec: Partial<PodSpec> = {}) =>
  pod(name, containers, { hostUsers: false, ...spec });

describe("a pod with hostUsers: false", () => {
  it("is refused a volume that the kernel cannot show with other ids, by name", async () => {
    const manifest = mapped("proc", [idle("a", { volumeMounts: [{ name: "data", mountPath: "/data" }] })], {
      volumes: [{ name: "data", hostPath: { path: "/sys/kernel" } }],
    });
    const { code, stderr } = await tspod.run(["run", "-d", tspod.manifest(manifest)]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /container a: volume "data" \(\/sys[^)]*\) is on file system sysfs .*idmapped mounts.*hostUsers: false/,
    );
  });

  it("is refused a user beyond its ids, and mounts that would reach the host", async () => {
    const beyond = mapped("beyond", [idle("a", { securityContext: { runAsUser: 65536 } })]);
    const refused = await tspod.run(["run", "-d", tspod.manifest(beyond)]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      "container a: user 65536 is not among the ids of a pod with hostUsers: false",
    );
    const mount = { name: "v", mountPath: "/v", mountPropagation: "Bidirectional" };
    const sending = mapped(
      "send",
      [idle("a", { securityContext: { privileged: true }, volumeMounts: [mount] })],
      {
        volumes: [{ name: "v", hostPath: { path: "/run/netns" } }],
      },
    );
    const { code, stderr } = await tspod.run(["run", "-d", tspod.manifest(sending)]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain("mountPropagation Bidirectional cannot be combined with hostUsers: false");
  });

  it("is refused what it cannot have, as the API server words it", async () => {
    const refusals: [Partial<PodSpec>, string][] = [
      [{ hostNetwork: true }, "spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false"],
      [{ hostPID: true }, "spec.hostPID: Forbidden: when `pod.Spec.HostUsers` is false"],
      [{ hostIPC: true }, "spec.hostIPC: Forbidden: when `pod.Spec.HostUsers` is false"],
    ];
    for (const [spec, words] of refusals) {
      const { code, stderr } = await tspod.run([
        "run",
        "-d",
        tspod.manifest(mapped("no", [idle("a")], spec)),
      ]);
      expect(code, words).toBe(2);
      expect(stderr).toContain(words);
    }
    const device = { name: "v", devicePath: "/dev/v" };
    const manifest = mapped("no", [idle("a", { volumeDevices: [device] })], {
      volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }],
    });
    const { code, stderr } = await tspod.run(["run", "-d", tspod.manifest(manifest)]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "spec.containers[0].volumeDevices: Forbidden: when `pod.Spec.HostUsers` is false",
    );
    expect(existsSync(join(tspod.dir, "run/tspod/ids"))).toBe(false);
  });
});
