import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Volume } from "../../src/manifest/index.ts";
import { idle, pod } from "./support/pods.ts";
import { host, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = (name: string) => async (script: string) =>
  await tspod.ok(["exec", name, "--", "sh", "-c", script]);
const object = (kind: string, name: string, rest: object) =>
  tspod.manifest({ apiVersion: "v1", kind, metadata: { name }, ...rest });
const secret = () => object("Secret", "s", { stringData: { user: "root", pass: "x y" } });
const one = (name: string, volume: Omit<Volume, "name">, spec: object = {}, mount: object = {}) =>
  tspod.manifest(
    pod(name, [idle("a", { volumeMounts: [{ name: "v", mountPath: "/v", ...mount }] })], {
      volumes: [{ name: "v", ...volume }],
      ...spec,
    }),
  );

describe("a secret", () => {
  it("is on a tmpfs, read-only, and never on a disk", async () => {
    const source = { secret: { secretName: "s", items: [{ key: "pass", path: "d/p", mode: 0o400 }] } };
    await tspod.ok(["run", "-d", secret(), one("p", source)]);
    const look = inside("p");
    expect(await look("cat /v/d/p; stat -L -c '%a %u %g' /v/d/p; readlink /v/d; stat -f -c %T /v")).toBe(
      "x y400 0 0\n..data/d\ntmpfs\n",
    );
    const { of } = await pidsOf(tspod, "p");
    const found = host("findmnt", "-N", String(of("a")), "-n", "-o", "FSTYPE,OPTIONS", "/v");
    expect(found).toMatch(/^tmpfs +ro,nosuid,nodev/);
    const { uid } = (await tspod.inspect("p")).metadata;
    const volumes = join(tspod.dir, "var/lib/tspod/pods", uid, "volumes");
    expect(host("findmnt", "-n", "-o", "FSTYPE", join(volumes, "secret~v"))).toBe("tmpfs\n");
    await tspod.ok(["stop", "p"]);
    expect(readdirSync(join(volumes, "secret~v"))).toEqual([]);
    await tspod.ok(["rm", "p"]);
  });

  it("may be a script that is run where it is, alone and projected", async () => {
    const script = { apiVersion: "v1", kind: "Secret", metadata: { name: "script" } };
    const run = { ...script, stringData: { run: "#!/bin/sh\necho run as $0\n" } };
    const projected = { defaultMode: 0o755, sources: [{ secret: { name: "script" } }] };
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(run),
      one("alone", { secret: { secretName: "script", defaultMode: 0o500 } }),
      one("projected", { projected }),
    ]);
    for (const name of ["alone", "projected"]) expect(await inside(name)("/v/run")).toBe("run as /v/run\n");
    await tspod.ok(["rm", "-f", "alone", "projected"]);
  });

  it("can be read by a user of fsGroup and by no other", async () => {
    const source = { secret: { secretName: "s", defaultMode: 0o400 } };
    const securityContext = { runAsUser: 1000, runAsGroup: 1000 };
    await tspod.ok([
      "run",
      "-d",
      secret(),
      one("with", source, { securityContext: { ...securityContext, fsGroup: 2000 } }),
      one("without", source, { securityContext }),
    ]);
    expect(await inside("with")("cat /v/user; stat -L -c ' %a %g' /v/user")).toBe("root 440 2000\n");
    await expect(inside("without")("cat /v/user")).rejects.toThrow("Permission denied");
    await tspod.ok(["rm", "-f", "with", "without"]);
  });
});

describe("the downward API and projections", () => {
  it("tell the pod about itself, merged with other sources, and a token is nothing", async () => {
    const item = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } });
    const memory = { containerName: "a", resource: "limits.memory", divisor: "1Mi" };
    const sources = [
      { secret: { name: "s" } },
      { serviceAccountToken: { path: "token" } },
      {
        downwardAPI: {
          items: [
            item("pod/labels", "metadata.labels"),
            item("pod/uid", "metadata.uid"),
            { path: "pod/memory", resourceFieldRef: memory, mode: 0o440 },
          ],
        },
      },
    ];
    const container = idle("a", {
      volumeMounts: [{ name: "v", mountPath: "/v" }],
      resources: { limits: { memory: "64Mi" } },
    });
    const manifest = pod("p", [container], { volumes: [{ name: "v", projected: { sources } }] });
    const labelled = { ...manifest, metadata: { name: "p", labels: { tier: "web", app: "x" } } };
    const run = await tspod.run(["run", "-d", secret(), tspod.manifest(labelled)]);
    expect(run.stderr).toContain("serviceAccountToken: ignored on a single node");
    const { uid } = (await tspod.inspect("p")).metadata;
    const look = inside("p");
    expect(await look("cat /v/pod/labels; echo; cat /v/pod/uid /v/pod/memory")).toBe(
      `app="x"\ntier="web"\n${uid}64`,
    );
    expect(await look("stat -L -c %a /v/pod/memory; ls /v")).toBe("440\npass\npod\nuser\n");
    await tspod.ok(["rm", "-f", "p"]);
  });
});

describe("an image volume", () => {
  it("shows an image's files, read-only and not to be executed, whole or in part", async () => {
    const source = { image: { reference: "busybox" } };
    const part = { name: "v", mountPath: "/part", subPath: "etc" };
    const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }, part] });
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("p", [container], { volumes: [{ name: "v", ...source }] })),
    ]);
    const look = inside("p");
    expect(await look("cmp /v/bin/busybox /bin/busybox && cat /part/passwd")).toContain("root:x:0:0");
    await expect(look("/v/bin/busybox true")).rejects.toThrow("Permission denied");
    await expect(look("touch /v/x")).rejects.toThrow("Read-only file system");
    const removed = await tspod.run(["image", "rm", "busybox"]);
    expect(removed.code).not.toBe(0);
    await tspod.ok(["rm", "-f", "p"]);
    const missing = await tspod.run([
      "run",
      "-d",
      one("none", { image: { reference: "localhost:1/none", pullPolicy: "Never" } }),
    ]);
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain("spec.volumes[0].image.reference");
  });
});

describe("a mount", () => {
  it("is read-only all the way down when recursiveReadOnly says so", async () => {
    const folder = join(tspod.dir, "host-rro");
    mkdirSync(join(folder, "below"), { recursive: true });
    host("mount", "-t", "tmpfs", "tmpfs", join(folder, "below"));
    try {
      const source = { hostPath: { path: folder } };
      const deep = { readOnly: true, recursiveReadOnly: "Enabled" };
      await tspod.ok([
        "run",
        "-d",
        one("deep", source, {}, deep),
        one("flat", source, {}, { readOnly: true }),
      ]);
      await expect(inside("deep")("touch /v/below/x")).rejects.toThrow("Read-only file system");
      await expect(inside("flat")("touch /v/x")).rejects.toThrow("Read-only file system");
      await inside("flat")("touch /v/below/x");
      await tspod.ok(["rm", "-f", "deep", "flat"]);
    } finally {
      host("umount", join(folder, "below"));
    }
  });

  it("with subPathExpr has a folder for each pod, and none where the variable is missing", async () => {
    const folder = join(tspod.dir, "host-expr");
    mkdirSync(folder, { mode: 0o777 });
    const mounted = (subPathExpr: string) =>
      idle("a", {
        env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        volumeMounts: [{ name: "v", mountPath: "/v", subPathExpr }],
      });
    const volumes = [{ name: "v", hostPath: { path: folder } }];
    await tspod.ok(["run", "-d", tspod.manifest(pod("p", [mounted("logs/$(POD)")], { volumes }))]);
    await inside("p")("echo x > /v/file");
    expect(readFileSync(join(folder, "logs/p/file"), "utf8")).toBe("x\n");
    await tspod.ok(["rm", "-f", "p"]);
    const none = await tspod.run(["run", tspod.manifest(pod("q", [mounted("$(NOPE)/x")], { volumes }))]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('missing value for "NOPE"')]);
    expect(readdirSync(folder)).toEqual(["logs"]);
  });
});

describe("hostPath", () => {
  it("is checked by its type, links followed, and nothing is made where one dangles (B3)", async () => {
    const folder = mkdtempSync("/tmp/tspod-types-");
    const at = (name: string) => join(folder, name);
    const server = createServer();
    try {
      mkdirSync(at("dir"));
      writeFileSync(at("file"), "");
      symlinkSync("dir", at("to-dir"));
      symlinkSync("nowhere", at("dangling"));
      await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
      const fails = async (path: string, type: string) => {
        const { code, stderr } = await tspod.run(["run", "-d", one("p", { hostPath: { path, type } })]);
        return code === 0 ? "" : (/hostPath type check failed: \S+ (.*)/.exec(stderr)?.[1] ?? stderr);
      };
      expect(await fails(at("file"), "Directory")).toBe("is not a directory");
      expect(await fails(at("file"), "DirectoryOrCreate")).toBe("is not a directory");
      expect(await fails(at("dir"), "File")).toBe("is not a file");
      expect(await fails(at("dir"), "FileOrCreate")).toBe("is not a file");
      expect(await fails(at("file"), "Socket")).toBe("is not a socket file");
      expect(await fails("/dev/null", "BlockDevice")).toBe("is not a block device");
      expect(await fails(at("file"), "CharDevice")).toBe("is not a character device");
      expect(await fails(at("none"), "Directory")).toBe("does not exist");
      expect(await fails(at("dangling"), "DirectoryOrCreate")).not.toBe("");
      expect(await fails(at("dangling"), "FileOrCreate")).not.toBe("");
      expect(await fails(at("dangling"), "")).toBe("does not exist");
      expect(readdirSync(folder).sort()).toEqual(["dangling", "dir", "file", "socket", "to-dir"]);
      for (const [path, type] of [
        [at("to-dir"), "Directory"],
        [at("socket"), "Socket"],
        ["/dev/null", "CharDevice"],
        [at("to-dir/new"), "DirectoryOrCreate"],
      ] as const) {
        expect(await fails(path, type), type).toBe("");
        await tspod.ok(["rm", "-f", "p"]);
      }
      expect(readdirSync(at("dir"))).toEqual(["new"]);
      // Without a type nothing is checked, and container runtimes make what is missing.
      const untyped = await tspod.run(["run", "-d", one("p", { hostPath: { path: at("un/typed") } })]);
      expect([untyped.code, untyped.stderr]).toEqual([
        0,
        expect.stringContaining("un/typed does not exist on this machine and is made, as a folder"),
      ]);
      await tspod.ok(["rm", "-f", "p"]);
      expect(statSync(at("un/typed")).mode).toBe(0o40755);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });
});
