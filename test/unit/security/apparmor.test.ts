import { describe, expect, it } from "vitest";
import { appArmorEnabled, appArmorProfiles } from "../../../src/kernel/host-facts/index.ts";
import type { AppArmorProfile, Container, PodSpec } from "../../../src/manifest/index.ts";
import { appArmorOps } from "../../../src/security/index.ts";

const host = { enabled: true, loaded: () => ["cri-x", "my profile"] };
const none = { enabled: false, loaded: () => [] };
const container = (
  appArmorProfile?: AppArmorProfile,
  more: Partial<Container["securityContext"]> = {},
): Container => ({
  name: "a",
  securityContext: { ...more, ...(appArmorProfile ? { appArmorProfile } : {}) },
});
const spec = (appArmorProfile?: AppArmorProfile): PodSpec => ({
  containers: [],
  ...(appArmorProfile ? { securityContext: { appArmorProfile } } : {}),
});
const local = (localhostProfile: string): AppArmorProfile => ({ type: "Localhost", localhostProfile });
const change = (name: string) => [
  { op: "proc-write", path: "self/attr/apparmor/exec", data: `exec ${name}` },
];

describe("an AppArmor profile", () => {
  it("of type Localhost is taken at execve, the container's own before the pod's", () => {
    expect(appArmorOps(spec(local("cri-x")), container(), host)).toEqual({
      host: [],
      process: change("cri-x"),
    });
    expect(appArmorOps(spec(local("nope")), container(local("my profile")), host).process).toEqual(
      change("my profile"),
    );
    expect(appArmorOps(spec(), container(local("cri-x"), { privileged: true }), host).process).toEqual(
      change("cri-x"),
    );
  });

  it("of type RuntimeDefault is tspod's own, loaded when it is not there", () => {
    const wanted = container({ type: "RuntimeDefault" });
    const { host: ops, process } = appArmorOps(spec(), wanted, host);
    expect(ops).toMatchObject([{ op: "apparmor-load", profile: "tspod-default" }]);
    expect(ops[0]).toHaveProperty(
      "text",
      expect.stringMatching(/^profile tspod-default .*\{\n[\s\S]*deny mount,[\s\S]*\}\n$/),
    );
    expect(process).toEqual(change("tspod-default"));
    expect(appArmorOps(spec(), wanted, { enabled: true, loaded: () => ["tspod-default"] }).host).toEqual([]);
    expect(
      appArmorOps(spec({ type: "RuntimeDefault" }), container(undefined, { privileged: true }), host),
    ).toEqual({
      host: [],
      process: [],
    });
  });

  it("changes nothing when it is Unconfined, or when nobody asks for one", () => {
    for (const facts of [host, none]) {
      for (const profile of [undefined, { type: "Unconfined" }])
        expect(appArmorOps(spec(profile), container(), facts)).toEqual({ host: [], process: [] });
      expect(appArmorOps(spec(local("nope")), container({ type: "Unconfined" }), facts).process).toEqual([]);
    }
  });

  it("that the host cannot enforce is refused as the kubelet refuses it", () => {
    for (const profile of [local("cri-x"), { type: "RuntimeDefault" }])
      expect(() => appArmorOps(spec(profile), container(), none)).toThrow(
        "container a: Cannot enforce AppArmor: AppArmor is not enabled on the host",
      );
    expect(() => appArmorOps(spec(), container(local("nope")), host)).toThrow(
      'container a: Cannot enforce AppArmor: profile "nope" is not loaded',
    );
  });

  it("is known to the host by its name in securityfs", () => {
    const files: Record<string, string> = {
      "/sys/module/apparmor/parameters/enabled": "Y\n",
      "/sys/kernel/security/apparmor/profiles":
        "cri-x (enforce)\nmy profile (complain)\n/usr/bin/man (enforce)\n",
    };
    const source = {
      read: (path: string) => files[path],
      bytes: () => undefined,
      list: () => [],
      exists: () => true,
    };
    expect(appArmorEnabled(source)).toBe(true);
    expect(appArmorProfiles(source)).toEqual(["cri-x", "my profile", "/usr/bin/man"]);
    expect(appArmorEnabled({ ...source, read: () => undefined })).toBe(false);
    expect(appArmorProfiles({ ...source, read: () => undefined })).toEqual([]);
  });
});
