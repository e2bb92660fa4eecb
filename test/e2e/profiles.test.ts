import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../src/manifest/index.ts";
import { runtimeDefaultProfile } from "../../src/security/seccomp/runtime-default.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = async (name: string, script: string, container = "a") =>
  await tspod.run(["exec", "-c", container, name, "--", "sh", "-c", script]);
const local = (localhostProfile: string) => ({ seccompProfile: { type: "Localhost", localhostProfile } });

/** Puts a profile where the manifest's path counts from. */
function keep(name: string, profile: object): void {
  const path = join(tspod.dir, "var/lib/tspod/seccomp", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(profile, null, 2));
}

// Before the first test: what is there is not left behind.
keep("docker/default.json", runtimeDefaultProfile());
keep("rules.json", {
  defaultAction: "SCMP_ACT_ALLOW",
  architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
  syscalls: [
    { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 },
    { names: ["symlink", "symlinkat"], action: "SCMP_ACT_ERRNO" },
    {
      names: ["kill"],
      action: "SCMP_ACT_KILL_PROCESS",
      args: [{ index: 1, value: 10, op: "SCMP_CMP_EQ" }],
    },
    { names: ["fchmodat", "chmod", "fchmodat2"], action: "SCMP_ACT_LOG" },
    { names: ["rmdir", "unlinkat"], action: "SCMP_ACT_ERRNO", includes: { minKernel: "99.0" } },
    { names: ["sethostname"], action: "SCMP_ACT_ERRNO", excludes: { arches: ["amd64", "arm64"] } },
    {
      names: ["link", "linkat"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: 18,
      includes: { caps: ["CAP_CHOWN"] },
    },
    { name: "no_such_call", action: "SCMP_ACT_ERRNO" },
  ],
});
keep("notify.json", { defaultAction: "SCMP_ACT_NOTIFY" });
keep("operator.json", {
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["kill"], action: "SCMP_ACT_ERRNO", args: [{ index: 0, value: 1, op: "EQ" }] }],
});

/** Runs a pod of one container to its end; what it printed, and its exit code. */
async function once(container: Container, spec: Partial<PodSpec> = {}) {
  return await tspod.run(["run", "--rm", tspod.manifest(pod("once", [container], spec))]);
}

describe("a seccomp profile of type Localhost", () => {
  it("may be one as Docker ships it: rules by capability, architecture and kernel, conditions, an errno of their own", async () => {
    const admin = {
      securityContext: { ...local("docker/default.json"), capabilities: { add: ["SYS_ADMIN"] } },
    };
    const manifest = pod("docker", [idle("a"), idle("admin", admin)], {
      securityContext: local("docker/default.json"),
    });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const usual =
      "ls / > /dev/null && mkdir /d && echo x > /d/f && chown 1 /d/f && (sleep 0 & wait) && echo works";
    const forbidden = "unshare -m true 2>&1; mount -t tmpfs none /d 2>&1; grep Seccomp: /proc/self/status";
    for (const name of ["a", "admin"])
      expect((await inside("docker", usual, name)).stdout, name).toBe("works\n");
    expect((await inside("docker", forbidden)).stdout).toMatch(
      /^unshare: .*Operation not permitted\nmount: permission denied.*\nSeccomp:\t2\n$/,
    );
    // `includes: {caps: [CAP_SYS_ADMIN]}`, and `excludes` of the same for clone's flags.
    expect((await inside("docker", forbidden, "admin")).stdout).toBe("Seccomp:\t2\n");
    await tspod.ok(["rm", "-f", "docker"]);
  });

  it("answers as its rules say, by argument too, and leaves out those for others", async () => {
    const script = [
      "mkdir /d 2>&1",
      "ln -s x /s 2>&1",
      "touch /f; ln /f /l 2>&1",
      "chmod 600 /f && rm /f && echo removed",
      "kill -0 1 && (kill -USR1 1); echo $?",
    ].join("; ");
    const { stdout, stderr, code } = await once(sh("a", script, { securityContext: local("rules.json") }));
    expect(stdout.replaceAll("a | ", "").split("\n")).toEqual(
      expect.arrayContaining([
        "mkdir: can't create directory '/d': No space left on device",
        "ln: /s: Operation not permitted",
        "ln: /l: Invalid cross-device link",
        "removed",
        "159",
      ]),
    );
    expect(stderr).toContain("no such system calls: no_such_call");
    expect(code).toBe(0);
  });

  it("that cannot be used is refused with its path or its field, and nothing is made", async () => {
    const refusals: [string, RegExp][] = [
      ["absent.json", /container a: the seccomp profile .*\/seccomp\/absent\.json cannot be read/],
      ["../x.json", /localhostProfile: Invalid value: "\.\.\/x\.json": must not contain '\.\.'/],
      ["notify.json", /notify\.json: defaultAction: SCMP_ACT_NOTIFY needs a listener/],
      ["operator.json", /operator\.json: syscalls\[0\]\.args\[0\]\.op: EQ is not one of/],
    ];
    for (const [name, words] of refusals) {
      const { code, stderr } = await once(sh("a", "true", { securityContext: local(name) }));
      expect(code, name).toBeGreaterThan(0);
      expect(stderr, name).toMatch(words);
    }
    expect(await tspod.ok(["ps", "-a"])).not.toContain("once");
  });
});

describe("procMount Unmasked", () => {
  it("is what it takes to mount a proc in a user namespace within the pod's, and opens nothing of the host", async () => {
    const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    const script =
      "unshare -U -r -m -p -f mount -t proc proc /proc && echo nested; echo y > /proc/sys/kernel/core_pattern && echo wrote; true";
    const run = async (procMount: string) => {
      const securityContext = { procMount, seccompProfile: { type: "Unconfined" } };
      return (await once(sh("a", script, { securityContext }), { hostUsers: false })).stdout;
    };
    expect(await run("Unmasked")).toBe("a | nested\n");
    expect(await run("Default")).toBe("");
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
  });
});

describe("other profiles", () => {
  it("of AppArmor are refused in the kubelet's words where the host has none", async () => {
    // Where it has, the unit tests say what is done: no machine of ours has both.
    const has = existsSync("/sys/kernel/security/apparmor");
    for (const appArmorProfile of [
      { type: "RuntimeDefault" },
      { type: "Localhost", localhostProfile: "nope" },
    ]) {
      const { code, stderr } = await once(sh("a", "true", { securityContext: { appArmorProfile } }));
      const words = has ? 'profile "nope" is not loaded' : "AppArmor is not enabled on the host";
      if (has && appArmorProfile.type === "RuntimeDefault") continue;
      expect(code).toBe(3);
      expect(stderr).toContain(`container a: Cannot enforce AppArmor: ${words}`);
    }
    const spec = { securityContext: { appArmorProfile: { type: "Unconfined" } } };
    expect(await once(sh("a", "true"), spec)).toMatchObject({ code: 0, stderr: "" });
  });

  it("of SELinux are named once, and the pod runs", async () => {
    const spec = { securityContext: { seLinuxOptions: { type: "spc_t" } } };
    const { code, stderr } = await once(sh("a", "true"), spec);
    expect(code).toBe(0);
    expect(stderr.match(/SELinux/g)).toHaveLength(1);
    expect(stderr).toContain("tspod sets no SELinux labels");
  });
});
