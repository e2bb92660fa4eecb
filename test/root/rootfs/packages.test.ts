import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTimeoutMs, realImages } from "../../support/real-images.ts";
import { checkout } from "../../support/tspod.ts";

const NOBODY = 65534;
const names = ["debian", "nginx", "node", "postgres", "redis", "sample", "tomcat"] as const;
let layouts: Record<(typeof names)[number], string>;
let base: string;
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "tspod-rootfs-"));
  chmodSync(base, 0o755);
  const images = await realImages(...names);
  layouts = Object.fromEntries(
    names.map((name) => [name, images[name].slice("oci:".length)]),
  ) as typeof layouts;
}, buildTimeoutMs);
afterAll(() => rmSync(base, { recursive: true, force: true }));

const index = (layout: string) => readFileSync(join(layout, "index.json"), "utf8");

/** What rootfs/ needs, where a user who may not look into the checkout can read it. */
function copyForAnyone(folder: string): string {
  for (const part of ["build.mjs", "lib", "recipes", "files"])
    cpSync(join(checkout, "rootfs", part), join(folder, "rootfs", part), { recursive: true });
  // tar with what it needs in turn.
  const pending = ["tar"];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const from = join(checkout, "node_modules", name);
    cpSync(from, join(folder, "node_modules", name), { recursive: true });
    pending.push(
      ...Object.keys(JSON.parse(readFileSync(join(from, "package.json"), "utf8")).dependencies ?? {}),
    );
  }
  execFileSync("chmod", ["-R", "a+rX", folder]);
  return join(folder, "rootfs/build.mjs");
}

describe("an image from packages", () => {
  it("is the same bytes when nobody builds it, elsewhere, with another clock and mask", () => {
    const builder = copyForAnyone(join(base, "copy"));
    const work = join(base, "work");
    mkdirSync(work);
    // The downloads were tested by the build of the others; each costs the archive's time.
    for (const part of ["packages", "lists"]) {
      const from = join(checkout, "rootfs/out", part);
      if (existsSync(from)) cpSync(from, join(work, part), { recursive: true });
    }
    const out = join(base, "out");
    mkdirSync(out);
    execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, work, out]);
    const script = 'umask 077; exec "$0" "$1" nginx --out "$2" --work "$3"';
    const result = spawnSync("sh", ["-c", script, process.execPath, builder, out, work], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: "/",
      env: { PATH: process.env.PATH, TZ: "Asia/Tokyo", LC_ALL: "C.UTF-8", HOME: "/nonexistent" },
      encoding: "utf8",
    });
    expect(result.stderr).toBe("");
    expect(index(join(out, "nginx"))).toBe(index(layouts.nginx));
    const caches = ["lists", "packages", "srcpkgcache.bin"];
    expect(readdirSync(work).filter((name) => !caches.includes(name))).toEqual([]);
  });

  it("shares its lower layer with the others of its kind", () => {
    const layersOf = (layout: string) => {
      const { digest } = JSON.parse(index(layout)).manifests[0];
      const manifest = JSON.parse(readFileSync(join(layout, "blobs", digest.replace(":", "/")), "utf8"));
      return manifest.layers.map((layer: { digest: string }) => layer.digest);
    };
    const [below, ...more] = layersOf(layouts.debian);
    expect(more).toEqual([]);
    for (const name of ["nginx", "node", "postgres", "redis", "tomcat"] as const)
      expect(layersOf(layouts[name]), name).toEqual([below, expect.stringMatching(/^sha256:/)]);
  });

  it.each(names)("%s is one that skopeo reads, with the configuration of its recipe", async (name) => {
    const { [name]: recipe } = await import(join(checkout, "rootfs/recipes", `${name}.mjs`));
    const config = skopeo("inspect", "--config", `oci:${layouts[name]}:${name}`);
    const { Env: ownEnv = [], ...own } = recipe.config;
    expect(config.config).toMatchObject(own);
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    expect(config.config.Env).toEqual(name === "debian" ? [path] : [path, ...ownEnv]);
    expect(config.config.Labels["org.opencontainers.image.title"]).toBe(name);
    expect(config.history).toHaveLength(config.rootfs.diff_ids.length);
    // It reads and checks each blob.
    execFileSync("skopeo", [
      "--insecure-policy",
      "copy",
      "-q",
      `oci:${layouts[name]}:${name}`,
      `dir:${join(base, name)}`,
    ]);
    rmSync(join(base, name), { recursive: true });
  });

  it("unpacks with umoci to owners, modes and links as in the packages, and nothing of this machine", () => {
    const bundle = join(base, "bundle");
    execFileSync("umoci", ["unpack", "--image", `${layouts.nginx}:nginx`, bundle], { stdio: "pipe" });
    const look = (...paths: string[]) =>
      execFileSync("stat", ["-c", "%A %u:%g %n", ...paths], {
        cwd: join(bundle, "rootfs"),
        encoding: "utf8",
      });
    expect(look("bin", "etc/shadow", "root", "tmp", "usr/bin/su", "usr/sbin/nginx", "var/log/nginx")).toBe(
      [
        "lrwxrwxrwx 0:0 bin",
        "-rw-r----- 0:42 etc/shadow",
        "drwx------ 0:0 root",
        "drwxrwxrwt 0:0 tmp",
        "-rwsr-xr-x 0:0 usr/bin/su",
        "-rwxr-xr-x 0:0 usr/sbin/nginx",
        "drwxr-xr-x 101:101 var/log/nginx",
        "",
      ].join("\n"),
    );
    // Set-group-id until Debian 12: as this distribution's package has it.
    expect(inPackage("base-files", "./var/local/")).toContain(
      look("var/local").replace(/:(\d+) .*\n/, "/$1"),
    );
    const etc = readdirSync(join(bundle, "rootfs/etc"));
    for (const own of ["hostname", "hosts", "machine-id", "resolv.conf", "ssh", "apt"])
      expect(etc).not.toContain(own);
    const nginx = join(bundle, "rootfs/var/lib/dpkg/status.d/nginx");
    expect(readFileSync(nginx, "utf8")).toMatch(/^Package: nginx\n/);
    // The packages' own sums, over what went in; a file that was left out is no difference.
    const sums = readFileSync(join(bundle, "rootfs/usr/share/base-files/profile.md5sums"), "utf8");
    expect(sums).toContain(
      execFileSync("md5sum", [join(bundle, "rootfs/etc/profile")])
        .toString()
        .slice(0, 32),
    );
  });
});

/** Mode and owner of a path in the packages of that name that were downloaded. */
function inPackage(name: string, path: string): string[] {
  const folder = join(checkout, "rootfs/out/packages");
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}_`))
    .map((file) => {
      const script = 'dpkg-deb --fsys-tarfile "$0" | tar -tv --numeric-owner "$1"';
      const line = execFileSync("sh", ["-c", script, join(folder, file), path], { encoding: "utf8" });
      return line.split(/ +/).slice(0, 2).join(" ");
    });
}

function skopeo(...args: string[]) {
  return JSON.parse(execFileSync("skopeo", args, { encoding: "utf8" }));
}
