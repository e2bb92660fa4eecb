import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { attack } from "../support/attack.ts";
import { pod, sh } from "../support/pods.ts";

const { tspod, canary } = attack();
let rootfs: string;
let original: string;

/** The one unpacked layer of busybox in this tspod's store: what an image may hold, without the making of one. */
beforeAll(async () => {
  await tspod.ok(["run", "-q", tspod.manifest(pod("first", [sh("a", "true")]))]);
  const layers = join(tspod.dir, "var/lib/tspod/layers");
  rootfs = join(layers, readdirSync(layers)[0] as string, "fs");
  original = join(tspod.dir, "original");
  cpSync(rootfs, original, { recursive: true, verbatimSymlinks: true });
});

/** Puts links in place of what the image has there. */
function altered(links: Record<string, string>): void {
  for (const name of readdirSync(rootfs)) rmSync(join(rootfs, name), { recursive: true, force: true });
  cpSync(original, rootfs, { recursive: true, verbatimSymlinks: true });
  for (const [path, target] of Object.entries(links)) {
    const place = join(rootfs, path);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(join(place, ".."), { recursive: true });
    symlinkSync(target, place);
  }
}

const look =
  "id -u; ls -la /etc/ /dev/ /sys/ 2>&1; cat /etc/hosts /etc/secret 2>&1; cat secret 2>&1; echo looked";
const up = "../../../../../../../../../..";

describe("an image with links where tspod mounts and writes (A4, A7, A10, B9)", () => {
  const kernel = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/panic", "/proc/sysrq-trigger"];
  const settings = () =>
    kernel.filter((path) => path.startsWith("/proc/sys/")).map((path) => readFileSync(path, "utf8"));
  const cases: [what: string, links: () => Record<string, string>][] = [
    ["/proc to the root", () => ({ proc: "/" })],
    ["/proc out of it", () => ({ proc: up })],
    ["/sys to the canary", () => ({ sys: canary.folder })],
    ["/dev to the canary", () => ({ dev: canary.folder })],
    ["/dev to the canary, relatively", () => ({ dev: `${up}${canary.folder}` })],
    ["/dev/null to core_pattern", () => ({ "dev/null": "/proc/sys/kernel/core_pattern" })],
    [
      "/dev/shm, /dev/pts, /dev/console out",
      () => ({ "dev/shm": canary.folder, "dev/pts": canary.folder, "dev/console": canary.path }),
    ],
    ["/etc to the canary", () => ({ etc: canary.folder })],
    ["/etc to the canary, relatively", () => ({ etc: `${up}${canary.folder}` })],
    [
      "/etc/hosts and the like to the canary",
      () => ({
        "etc/hosts": canary.path,
        "etc/hostname": canary.path,
        "etc/resolv.conf": canary.path,
        "etc/mtab": canary.path,
      }),
    ],
    [
      "/etc/hosts by way of PID 1's root",
      () => ({
        "etc/hosts": `/proc/1/root${canary.path}`,
        "etc/resolv.conf": `/proc/self/root${canary.path}`,
      }),
    ],
    [
      "/etc/passwd and group to the canary",
      () => ({ "etc/passwd": `${up}${canary.path}`, "etc/group": canary.path }),
    ],
    [
      "a volume's mount point to the canary",
      () => ({ data: `${up}${canary.folder}`, "deep/er": "/proc/self/cwd" }),
    ],
  ];
  for (const [what, links] of cases) {
    it(`${what}: it runs confined or is refused, and the host is as it was`, async () => {
      altered(links());
      const before = settings();
      const mounts = ["/data", "/deep/er/x", "/dev/log", "/etc/conf"].map((mountPath) => ({
        name: "v",
        mountPath,
      }));
      const manifest = pod(
        "hostile",
        [
          sh(
            "a",
            `touch /data/planted /dev/planted /etc/planted; ${look}; for p in ${kernel.join(" ")}; do echo x > $p; done`,
            { volumeMounts: mounts },
          ),
        ],
        {
          volumes: [{ name: "v", emptyDir: {} }],
          securityContext: { fsGroup: 1234 },
        },
      );
      const { code, stdout, stderr } = await tspod.run(["run", "-q", tspod.manifest(manifest)]);
      expect(stdout + stderr).not.toContain(canary.secret);
      expect(stderr).not.toContain("internal error");
      if (!stdout.includes("looked")) expect(code).not.toBe(0);
      expect(readdirSync(canary.folder)).toEqual(["secret"]);
      expect(readFileSync(canary.path, "utf8")).toBe(canary.secret);
      expect(settings()).toEqual(before);
      expect(existsSync("/data/planted") || existsSync("/dev/planted") || existsSync("/etc/planted")).toBe(
        false,
      );
    });
  }

  it("a link as working directory leads to no folder of the host (A2)", async () => {
    altered({ w: "/proc/self/fd/7", up: up, me: "/proc/self/cwd" });
    for (const workingDir of ["/w", "/w/..", "/up", "/me/../.."]) {
      const steps = `pwd; ls ${relative("/", canary.folder)}; cat secret`;
      const { stdout, stderr } = await tspod.run([
        "run",
        "-q",
        tspod.manifest(pod("cwd", [sh("a", steps, { workingDir })])),
      ]);
      expect(stdout + stderr, workingDir).not.toContain(canary.secret);
      expect(stdout, workingDir).not.toMatch(/\| secret$/m);
    }
  });

  it("an entrypoint that is /proc/self/exe starts no program of the host (A1)", async () => {
    altered({ entry: "/proc/self/exe", run: "/proc/1/exe" });
    writeFileSync(join(rootfs, "script"), "#!/proc/self/exe\n", { mode: 0o755 });
    for (const command of ["/entry", "/run", "/script"]) {
      const file = tspod.manifest(pod("exe", [sh("a", "", { command: [command, "version"] })]));
      const { code, stdout } = await tspod.run(["run", "-q", file]);
      expect({ ran: code === 0, stdout }, command).toEqual({ ran: false, stdout: "" });
    }
  });
});
