import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/ports.ts";
import { idle, pod } from "./support/pods.ts";
import { refusals } from "./support/refused.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

const refused = refusals(tspod);

describe("the machine", () => {
  it("has no such image", async () => {
    const { code, stderr, file } = await refused(
      pod("bad", [idle("a", { image: "nope:1", imagePullPolicy: "Never" })]),
    );
    expect(code).toBe(4);
    expect(stderr).toMatch(/Container image "nope:1" is not present with pull policy of Never/);
    expect(stderr).toContain(`--> ${file}:1:`);
    expect(stderr).toContain("spec.containers[0].image");
  });

  it("has no such host path, or it is of another type", async () => {
    const mounted = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    const volume = (hostPath: { path: string; type?: string }) => ({ volumes: [{ name: "v", hostPath }] });
    const missing = await refused(
      pod("bad", [mounted], volume({ path: "/no/such/folder", type: "Directory" })),
    );
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(
      /MountVolume\.SetUp failed for volume "v" : hostPath type check failed: \/no\/such\/folder does not exist/,
    );
    expect(missing.stderr).toContain(`--> ${missing.file}:1:`);
    expect(missing.stderr).toContain("spec.volumes[0].hostPath.path");
    expect(missing.stderr).toContain("DirectoryOrCreate");
    const file = await refused(pod("bad", [mounted], volume({ path: "/etc/passwd", type: "Directory" })));
    expect(file.stderr).toContain("hostPath type check failed: /etc/passwd is not a directory");
    expect(existsSync("/no")).toBe(false);
  });

  it("has something else where a volume is to be mounted, or no such part of it", async () => {
    const file = join(tspod.dir, "file");
    writeFileSync(file, "");
    const volumes = [
      { name: "dir", hostPath: { path: dirname(file) } },
      { name: "file", hostPath: { path: file } },
      { name: "map", configMap: { name: "map" } },
    ];
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "map" }, data: { key: "value" } };
    await tspod.ok(["apply", "-f", tspod.manifest(map)]);
    const mounts: [mount: { name: string; mountPath: string; subPath?: string }[], words: string][] = [
      [[{ name: "dir", mountPath: "/etc/passwd" }], "is a folder, and cannot be mounted on /etc/passwd"],
      [[{ name: "file", mountPath: "/tmp" }], "is a file, and cannot be mounted on /tmp: a folder is there"],
      [[{ name: "map", mountPath: "/x", subPath: "no" }], 'subPath "no" is not in volume "map"'],
      [[{ name: "dir", mountPath: "/dev" }], "/dev/null is not the null device"],
      [
        [
          { name: "map", mountPath: "/x" },
          { name: "dir", mountPath: "/x/new" },
        ],
        "cannot be mounted on /x/new: it lies in a volume that is read-only",
      ],
    ];
    for (const hostUsers of [true, false])
      for (const [volumeMounts, words] of mounts) {
        const { code, stderr } = await refused(
          pod("bad", [idle("a", { volumeMounts })], { volumes, hostUsers }),
        );
        expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
        expect(stderr).toContain("error[TS5109]: container a: ");
      }
    await tspod.ok(["delete", "configmap", "map"]);
  });

  it("has no such setting of the kernel for a pod, or does not take the value", async () => {
    for (const hostUsers of [true, false])
      for (const [name, value, words] of [
        ["net.core.no_such", "1", "is not one of a pod: the kernel has none of that name"],
        ["net.core.somaxconn", "many", 'the kernel does not take the value "many"'],
      ] as const) {
        const { code, stderr } = await refused(
          pod("bad", [idle("a")], { hostUsers, securityContext: { sysctls: [{ name, value }] } }),
        );
        expect([code, stderr]).toEqual([2, expect.stringContaining(`sysctl "${name}"`)]);
        expect(stderr).toContain(words);
        expect(stderr).toContain("spec.securityContext.sysctls[0]");
      }
  });

  it("has no such command in the image, or it cannot be executed", async () => {
    const missing = await refused(pod("bad", [idle("good"), idle("a", { command: ["/nope"] })]));
    expect(missing.code).toBe(127);
    expect(missing.stderr).toMatch(/container a: .*"?\/nope"?.*no such file/i);
    expect(missing.stderr).toContain(`${missing.file}:1:`);
    expect(missing.stderr).toContain("spec.containers[1].command");
    const notFound = await refused(pod("bad", [idle("a", { command: ["nope"] })]));
    expect(notFound.code).toBe(127);
    expect(notFound.stderr).toMatch(/nope.*PATH/);
    const folder = await refused(pod("bad", [idle("a", { command: ["/etc"] })]));
    expect(folder.code).toBe(126);
    expect(folder.stderr).toMatch(/\/etc.*(permission denied|EACCES)/i);
  });

  it("has a pod of that name already: the second leaves the first as it is", async () => {
    // The host port is taken as well, by the pod itself: the name is what the person must be told of.
    const ports = [{ containerPort: 80, hostPort: await freePort() }];
    const file = tspod.manifest(pod("twice", [idle("a", { ports })]));
    await tspod.ok(["run", "-d", file]);
    const before = await tspod.inspect("twice");
    const second = await tspod.run(["run", "-d", file]);
    expect(second).toMatchObject({ code: 5, stdout: "" });
    expect(second.stderr).toMatch(/pods "twice" already exists/);
    expect(second.stderr).toMatch(/tspod rm twice.*--replace/);
    expect(await tspod.inspect("twice")).toEqual(before);
    expect(await tspod.ok(["run", "-d", "--replace", file])).toBe("pod/twice started\n");
    expect((await tspod.inspect("twice")).metadata.uid).not.toBe(before.metadata.uid);
    await tspod.ok(["rm", "-f", "twice"]);
  });

  it("runs all pods of a command or none", async () => {
    const good = tspod.manifest(pod("good", [idle("a")]));
    const { code } = await refused(pod("bad", [idle("a", { command: ["/nope"] })]), [good]);
    expect(code).toBe(127);
  });
});

describe("the command line", () => {
  it("says what is wrong with it and how it goes, exit code 2", async () => {
    for (const args of [
      ["rnu", "x.yaml"],
      ["run", "--nope"],
      ["ps", "-o", "xml"],
      ["logs"],
      ["rm"],
      ["exec", "x"],
    ]) {
      const outcome = await tspod.run(args);
      expect(outcome, args.join(" ")).toMatchObject({ code: 2, stdout: "" });
      expect(outcome.stderr, args.join(" ")).toMatch(/error/i);
    }
    expect((await tspod.run(["rnu"])).stderr).toMatch(/Did you mean run\?/i);
  });

  it("names pods that are not there, exit code 4", async () => {
    for (const command of ["describe", "inspect", "logs", "stop", "kill", "rm", "ns"]) {
      const outcome = await tspod.run([command, "ghost"]);
      expect(outcome, command).toMatchObject({ code: 4, stdout: "" });
      expect(outcome.stderr, command).toContain('pod "ghost" not found');
    }
    expect((await tspod.run(["exec", "ghost", "--", "ls"])).code).toBe(4);
  });
});
