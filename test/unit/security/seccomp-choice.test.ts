import { describe, expect, it } from "vitest";
import { allCapabilities, defaultCapabilities } from "../../../src/security/capabilities.ts";
import { compileSeccomp } from "../../../src/security/seccomp/compile.ts";
import { seccompFilter } from "../../../src/security/seccomp/filter.ts";
import { precompiled } from "../../../src/security/seccomp/gen/runtime-default.ts";
import { parseSeccompProfile } from "../../../src/security/seccomp/parse.ts";
import { runtimeDefaultProfile, seccompCapabilities } from "../../../src/security/seccomp/runtime-default.ts";
import { seccompChoice } from "../../../src/security/seccomp/select.ts";

describe("seccompChoice and seccompFilter", () => {
  const host = {
    arch: "x64",
    kernelRelease: "6.1.0",
    capabilities: allCapabilities,
    readProfile: () => `{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_LOG"]}`,
  };

  it("is RuntimeDefault when nobody says otherwise, the container before the pod", () => {
    const pod = { containers: [] };
    expect(seccompChoice(pod, { name: "a" })).toEqual({ type: "RuntimeDefault" });
    const unconfined = { ...pod, securityContext: { seccompProfile: { type: "Unconfined" } } };
    expect(seccompChoice(unconfined, { name: "a" })).toEqual({ type: "Unconfined" });
    const own = { name: "a", securityContext: { seccompProfile: { type: "RuntimeDefault" } } };
    expect(seccompChoice(unconfined, own)).toEqual({ type: "RuntimeDefault" });
    expect(seccompChoice(pod, { name: "a", securityContext: { privileged: true } })).toEqual({
      type: "Unconfined",
    });
  });

  it("has the usual filters compiled ahead, the same as compiled now (else run scripts/gen-seccomp.mjs)", () => {
    for (const arch of ["x64", "arm64"]) {
      for (const capabilities of [defaultCapabilities, 0n, 1n << 12n]) {
        const key = `${arch} ${capabilities & seccompCapabilities()}`;
        const now = compileSeccomp(runtimeDefaultProfile(), { arch, capabilities, kernelRelease: "6.1" });
        expect([key, precompiled[key]]).toEqual([key, now]);
        const drop = { name: "a", securityContext: { capabilities: { drop: ["ALL"] } } };
        const filter = seccompFilter({ containers: [] }, capabilities === 0n ? drop : { name: "a" }, {
          ...host,
          arch,
        });
        if (capabilities !== 1n << 12n) expect(filter.filter).toBe(now);
      }
    }
  });

  it("reads a Localhost profile with its flags, and never outside its folder", () => {
    const local = (localhostProfile: string) => ({
      name: "a",
      securityContext: { seccompProfile: { type: "Localhost", localhostProfile } },
    });
    const { filter, flags } = seccompFilter({ containers: [] }, local("p/audit.json"), host);
    expect(flags).toBe(2);
    expect(filter).not.toBe("");
    for (const path of ["/etc/x", "../x", "a/../../x", ""]) {
      expect(() => seccompChoice({ containers: [] }, local(path))).toThrow(/localhostProfile/);
    }
  });
});

describe("parseSeccompProfile", () => {
  it.each([
    ["{", /JSON/],
    ["[]", /expected an object/],
    ["{}", /defaultAction/],
    [`{"defaultAction":"SCMP_ACT_NOTIFY"}`, /listener/],
    [
      `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"ALLOW","names":["read"]}]}`,
      /syscalls\[0\]\.action/,
    ],
    [`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ERRNO"}]}`, /names/],
    [
      `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ERRNO","names":["read"],"args":[{"index":6,"op":"SCMP_CMP_EQ","value":1}]}]}`,
      /index/,
    ],
    [
      `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ERRNO","names":["read"],"args":[{"index":0,"op":"SCMP_CMP_EQ","value":18446744073709551615}]}]}`,
      /value/,
    ],
  ])("refuses %s and names the field", (text, message) => {
    expect(() => parseSeccompProfile(text, "p.json")).toThrow(message);
  });

  it("warns of names no architecture has", () => {
    const text = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ERRNO","names":["read","raed"]}]}`;
    expect(parseSeccompProfile(text, "p.json").warnings).toEqual([
      "seccomp profile p.json: no such system calls: raed",
    ]);
  });
});
