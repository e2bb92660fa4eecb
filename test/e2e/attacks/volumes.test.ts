import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";

const { tspod, canary, inside } = attack();
const mounts = (...list: [name: string, mountPath: string, more?: object][]) => ({
  volumeMounts: list.map(([name, mountPath, more]) => ({ name, mountPath, ...more })),
});
const vol = { name: "vol", emptyDir: {} };

describe("a subPath (B1)", () => {
  it("whose way is a dangling link is not made at the link's end", async () => {
    for (const subPath of ["x", "x/y"]) {
      const manifest = pod("sub", [idle("a", mounts(["vol", "/v", { subPath }]))], {
        initContainers: [sh("plant", `ln -s ${canary.folder}/new /vol/x`, mounts(["vol", "/vol"]))],
        volumes: [vol],
      });
      expect((await tspod.run(["run", "-d", tspod.manifest(manifest)])).code, subPath).not.toBe(0);
    }
  });

  it("that is swapped for a link while pods start never shows what the link means", async () => {
    const folder = join(tspod.dir, "swapped");
    mkdirSync(folder);
    const volumes = [{ name: "vol", hostPath: { path: folder } }];
    const swap = `while :; do rm -rf /vol/x; mkdir /vol/x; sleep 0.01; rm -rf /vol/x; ln -s ${canary.folder} /vol/x; sleep 0.005; done`;
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("swap", [sh("a", swap, mounts(["vol", "/vol"]))], { volumes })),
    ]);
    // Some must have met the folder and some the link, else nothing would have been tried.
    let [started, refused] = [0, 0];
    for (let n = 0; n < 40 && (n < 10 || started === 0 || refused === 0); n++) {
      const look = sh("a", "ls -a /v; cat /v/secret", mounts(["vol", "/v", { subPath: "x" }]));
      const run = await tspod.run(["run", "-q", tspod.manifest(pod("look", [look], { volumes }))]);
      expect(run.stdout + run.stderr).not.toContain(canary.secret);
      if (run.stdout === "") refused++;
      else started++;
    }
    expect(Math.min(started, refused)).toBeGreaterThan(0);
    await tspod.ok(["rm", "-f", "swap"]);
  });
});

describe("links that a neighbour has put where tspod mounts", () => {
  const plant = (link: string, to: string, more: object) => {
    const init = sh("plant", `ln -s ${link} /vol/${to}`, mounts(["vol", "/vol"]));
    const volumes = [vol, { name: "other", emptyDir: {} }];
    return tspod.manifest(pod("linked", [idle("a", more)], { initContainers: [init], volumes }));
  };
  it.each([
    [
      "resolv.conf",
      "resolv.conf",
      mounts(["vol", "/etc"]),
      '/etc/resolv.conf: resolv.conf of volume "vol", mounted on /etc, is a symbolic link to "resolv.conf", which leads round in a circle or through /proc (ELOOP)',
    ],
    [
      "/proc/1/root/tmp",
      "x",
      mounts(["vol", "/v"], ["other", "/v/x/y"]),
      '/v/x/y: x of volume "vol", mounted on /v, is a symbolic link to "/proc/1/root/tmp", which leads round in a circle or through /proc (ELOOP)',
    ],
    [
      "/etc/passwd",
      "x",
      mounts(["vol", "/v"], ["other", "/v/x/y"]),
      '/v/x/y: x of volume "vol", mounted on /v, is a symbolic link to "/etc/passwd", where a folder must be (ENOTDIR)',
    ],
    [
      "/",
      "s",
      mounts(["vol", "/v", { subPath: "s" }]),
      '/v: s of volume "vol" is a symbolic link to "/", which leads out of the volume (EXDEV)',
    ],
  ])("%s as %s: the message names volume and link", async (link, to, more, message) => {
    const { code, stderr } = await tspod.run(["run", "-d", plant(link, to, more)]);
    expect(code).toBe(1);
    expect(stderr).toContain("error[TS5108]: container a: ");
    expect(stderr).toContain(` mounted on ${message}\n`);
  });
});

describe("a neighbour's link to the root itself, or to /proc", () => {
  it.each(["/", "/proc/self"])("as %s takes no volume: it would hide, or never be seen", async (link) => {
    const manifest = pod("hidden", [idle("a", mounts(["vol", "/v"], ["other", "/v/s"]))], {
      initContainers: [sh("plant", `ln -s ${link} /vol/s`, mounts(["vol", "/vol"]))],
      volumes: [vol, { name: "other", emptyDir: {} }],
    });
    const { code, stderr } = await tspod.run(["run", "-d", tspod.manifest(manifest)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/on \/v\/s: move_mount failed with EPERM/);
    expect(stderr).toContain("by a link of the image or of a volume, /v/s is / or in /proc");
  });
});

describe("links in a volume that outlives its pod", () => {
  it("are not followed when the next pod's group gets the volume", async () => {
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    await tspod.ok(["apply", "-f", tspod.manifest(claim)]);
    const volumes = [{ name: "vol", persistentVolumeClaim: { claimName: "data" } }];
    const plant = `mkdir /v/d; ln -s ${canary.folder} /v/d/folder; ln -s ${canary.path} /v/file; echo x > /v/d/own`;
    await tspod.ok([
      "run",
      "-q",
      tspod.manifest(pod("plant", [sh("a", plant, mounts(["vol", "/v"]))], { volumes })),
    ]);
    const modes = () => [canary.folder, canary.path].map((path) => [statSync(path).gid, statSync(path).mode]);
    const before = modes();
    const securityContext = { fsGroup: 2000 };
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("next", [idle("a", mounts(["vol", "/v"]))], { volumes, securityContext })),
    ]);
    expect((await inside("next", "stat -c %g /v /v/d /v/d/own")).stdout).toBe("2000\n2000\n2000\n");
    expect(modes()).toEqual(before);
    await tspod.ok(["rm", "-f", "next"]);
    await tspod.ok(["delete", "pvc", "data"]);
  });
});

describe("an image whose /etc is full of links (B9)", () => {
  it("gets its generated files and volumes inside its own root, and nothing outside", async () => {
    const root = join(tspod.dir, "linked");
    // The image has a folder of the canary's name: what its links mean is that one.
    for (const folder of ["bin", "etc", `${canary.folder}/conf`])
      mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(execFileSync("which", ["busybox"], { encoding: "utf8" }).trim(), join(root, "bin/busybox"));
    for (const name of ["sh", "cat", "sleep", "ls"]) symlinkSync("busybox", join(root, "bin", name));
    const links = { hosts: `${canary.folder}/hosts`, "resolv.conf": `../../../..${canary.folder}/resolv` };
    for (const [name, target] of Object.entries({
      ...links,
      hostname: canary.path,
      conf: `${canary.folder}/conf`,
    }))
      symlinkSync(target, join(root, "etc", name));
    execFileSync("tar", ["-C", root, "-cf", `${root}.tar`, "."]);
    await tspod.ok(["image", "import", `${root}.tar`, "localhost/linked:1"]);
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { key: "of the map" } };
    const container = { ...idle("a", mounts(["vol", "/etc/conf"])), image: "localhost/linked:1" };
    const volumes = [{ name: "vol", configMap: { name: "c" } }];
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(map),
      tspod.manifest(pod("linked", [container], { volumes })),
    ]);
    const { stdout } = await inside("linked", "cat /etc/conf/key /etc/hostname /etc/hosts");
    expect(stdout).toMatch(/^of the map/);
    expect(stdout).toContain("linked");
    expect(stdout).not.toContain(canary.secret);
    await tspod.ok(["rm", "-f", "linked"]);

    // As a volume the same image's links mean what they mean in the container that has it.
    const shown = { name: "vol", image: { reference: "localhost/linked:1", pullPolicy: "Never" } };
    const look = (subPath: string) =>
      tspod.manifest(pod("shown", [idle("a", mounts(["vol", "/v", { subPath }]))], { volumes: [shown] }));
    expect((await tspod.run(["run", "-d", look("etc/conf")])).code).not.toBe(0);
    await tspod.ok(["run", "-d", look("etc")]);
    const cat = await inside("shown", "cat /v/hostname");
    expect(cat.stdout + cat.stderr).not.toContain(canary.secret);
    expect((await tspod.run(["image", "rm", "localhost/linked:1"])).stderr).toContain("default/shown");
    await tspod.ok(["rm", "-f", "shown"]);
    await tspod.ok(["image", "rm", "localhost/linked:1"]);
  });
});

describe("a secret below a writable volume (B15)", () => {
  it("lands inside, whatever link stood there, cannot be changed, and is still followed", async () => {
    const secret = (password: string) =>
      tspod.manifest({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s" },
        stringData: { password },
      });
    await tspod.ok(["apply", "-f", secret("old")]);
    const manifest = pod("p", [idle("a", mounts(["vol", "/vol"], ["s", "/vol/s"], ["s", "/plain"]))], {
      initContainers: [sh("plant", "ln -s /tmp /vol/s", mounts(["vol", "/vol"]))],
      volumes: [vol, { name: "s", secret: { secretName: "s" } }],
    });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const astray = pod("astray", [idle("a", mounts(["vol", "/vol"], ["s", "/vol/s"]))], {
      ...manifest.spec,
      containers: manifest.spec?.containers ?? [],
      initContainers: [sh("plant", `ln -s ${canary.folder} /vol/s`, mounts(["vol", "/vol"]))],
    });
    expect((await tspod.run(["run", "-d", tspod.manifest(astray)])).code).not.toBe(0);
    const attempts = [
      `ln -sfn ${canary.folder} /plain/..data_tmp`,
      "rm /plain/..data",
      "mv /plain/..data /plain/x",
      "echo x > /plain/password",
    ];
    for (const attempt of attempts) {
      const { code, stderr } = await inside("p", attempt);
      expect([code === 0, stderr], attempt).toEqual([
        false,
        expect.stringContaining("Read-only file system"),
      ]);
    }
    await tspod.ok(["apply", "-f", secret("new")]);
    const { stdout } = await inside("p", "cat /plain/password /tmp/password; ls -A /vol");
    expect(stdout).toBe("newnews\n");
    await tspod.ok(["rm", "-f", "p"]);
    await tspod.ok(["delete", "secret", "s"]);
  });
});
