import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskUsage } from "../../../src/kernel/disk-usage.ts";
import type { Container, Pod, Volume } from "../../../src/manifest/index.ts";
import { ephemeralUsage, evictionOf, limitsEphemeralStorage } from "../../../src/pod/ephemeral-storage.ts";
import { pathsFor, podPaths } from "../../../src/state/paths.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tspod-usage-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const limited = (name: string, limit?: string): Container => ({
  name,
  ...(limit === undefined ? {} : { resources: { limits: { "ephemeral-storage": limit } } }),
});
const pod = (containers: Container[], volumes: Volume[] = [], initContainers: Container[] = []): Pod => ({
  spec: { containers, volumes, initContainers },
});
const Mi = 1 << 20;

describe("the eviction of a pod", () => {
  const usage = { containers: { a: 3 * Mi, b: 2 * Mi }, emptyDirs: { e: 4 * Mi }, rest: Mi };

  it("is for an emptyDir over its sizeLimit, a container or the pod over its limit, in the kubelet's words", () => {
    const words = (one: Pod) => evictionOf(one, usage)?.message;
    expect(words(pod([limited("a")], [{ name: "e", emptyDir: { sizeLimit: "3Mi" } }]))).toBe(
      'Usage of EmptyDir volume "e" exceeds the limit "3Mi". ',
    );
    expect(words(pod([limited("a", "2Mi"), limited("b", "20Mi")]))).toBe(
      'Container a exceeded its local ephemeral storage limit "2Mi". ',
    );
    expect(words(pod([limited("a", "5Mi"), limited("b", "3072Ki")]))).toBe(
      "Pod ephemeral local storage usage exceeds the total limit of containers 8Mi. ",
    );
    expect(evictionOf(pod([limited("a", "1k")]), usage)?.reason).toBe("Evicted");
  });

  it("counts limits of containers that have one, as the kubelet does, and sidecars and init containers", () => {
    expect(evictionOf(pod([limited("a", "9Mi"), limited("b")]), usage)?.message).toContain("containers 9Mi");
    expect(evictionOf(pod([limited("a", "9Mi")], [], [limited("i", "10Mi")]), usage)).toBeUndefined();
    const sidecar = { ...limited("s", "1Mi"), restartPolicy: "Always" };
    expect(evictionOf(pod([limited("a", "9Mi")], [], [sidecar]), usage)).toBeUndefined();
  });

  it("is not at the limit itself, nor without one", () => {
    expect(evictionOf(pod([limited("a", "10Mi")]), usage)).toBeUndefined();
    expect(
      evictionOf(pod([limited("a")], [{ name: "e", emptyDir: { sizeLimit: "4Mi" } }]), usage),
    ).toBeUndefined();
    expect(
      evictionOf(pod([limited("a")], [{ name: "e", emptyDir: { sizeLimit: "0" } }]), usage),
    ).toBeUndefined();
    expect(evictionOf(pod([limited("a")], [{ name: "e", emptyDir: {} }]), usage)).toBeUndefined();
  });
});

describe("what a pod uses of the disk", () => {
  const write = (path: string, bytes: number) => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, Buffer.alloc(bytes, 1));
  };

  it("is its last writable layers, its logs, its emptyDirs on disk and what was made for it", async () => {
    const paths = podPaths(pathsFor(folder), { uid: "u", name: "p", namespace: "default" });
    write(join(paths.lib, "containers/a/0/upper/old"), 8 * Mi);
    write(join(paths.lib, "containers/a/1/upper/new"), Mi);
    write(join(paths.logs, "a/1.log"), Mi);
    write(join(paths.volumes, "empty-dir~e/x/y"), 2 * Mi);
    write(join(paths.volumes, "empty-dir~m/x"), 4 * Mi);
    write(join(paths.volumes, "configmap~c/..data/x"), Mi);
    const one = pod(
      [limited("a")],
      [
        { name: "e", emptyDir: {} },
        { name: "m", emptyDir: { medium: "Memory" } },
        { name: "c", configMap: { name: "c" } },
      ],
    );
    const usage = await ephemeralUsage(paths, one, new Map([["a", 1]]));
    const rounded = (bytes: number | undefined) => Math.round((bytes ?? 0) / Mi);
    expect(rounded(usage.containers.a)).toBe(2);
    expect(Object.keys(usage.emptyDirs)).toEqual(["e"]);
    expect(rounded(usage.emptyDirs.e)).toBe(2);
    expect(rounded(usage.rest)).toBe(1);
  });

  it("is asked for only where something limits it", () => {
    expect(limitsEphemeralStorage(pod([limited("a")]))).toBe(false);
    expect(limitsEphemeralStorage(pod([limited("a", "1Gi")]))).toBe(true);
    expect(limitsEphemeralStorage(pod([limited("a")], [{ name: "e", emptyDir: { sizeLimit: "1Gi" } }]))).toBe(
      true,
    );
    const memory = { name: "e", emptyDir: { sizeLimit: "1Gi", medium: "Memory" } };
    expect(limitsEphemeralStorage(pod([limited("a")], [memory]))).toBe(false);
  });
});

describe("disk usage", () => {
  it("is what du says: blocks, hard links once, names of any bytes, no links followed", async () => {
    for (let index = 0; index < 500; index++)
      writeFileSync(join(folder, `f${index}`), "x".repeat(index * 30));
    mkdirSync(join(folder, "d/deep/er"), { recursive: true });
    writeFileSync(join(folder, "d/deep/er/file"), Buffer.alloc(100_000, 1));
    linkSync(join(folder, "d/deep/er/file"), join(folder, "d/again"));
    symlinkSync("/usr", join(folder, "elsewhere"));
    symlinkSync("..", join(folder, "d/loop"));
    const odd = Buffer.concat([Buffer.from(`${folder}/d/`), Buffer.from([0xff, 0xfe, 0x41])]);
    writeFileSync(odd, Buffer.alloc(50_000, 1));
    writeFileSync(join(folder, "sparse"), "");
    execFileSync("truncate", ["-s", "1G", join(folder, "sparse")]);
    const du = execFileSync("du", ["-sx", "--block-size=1", folder], { encoding: "utf8" });
    expect(await diskUsage([folder])).toBe(Number.parseInt(du, 10));
    expect(await diskUsage([join(folder, "none"), join(folder, "elsewhere")])).toBe(0);
  });

  it("gives others their turn", async () => {
    for (let index = 0; index < 900; index++) writeFileSync(join(folder, `f${index}`), "");
    let turns = 0;
    let measuring = true;
    const tick = () => {
      turns += 1;
      if (measuring) setImmediate(tick);
    };
    setImmediate(tick);
    await diskUsage([folder]);
    measuring = false;
    expect(turns).toBeGreaterThan(2);
  });

  it("survives a tree deeper than a path can be named", async () => {
    const make = `for (let i = 0; i < 60; i++) {
      fs.mkdirSync("${"n".repeat(200)}");
      process.chdir("${"n".repeat(200)}");
    }
    fs.writeFileSync("file", "x".repeat(50000))`;
    execFileSync(process.execPath, ["-e", make], { cwd: folder });
    const du = execFileSync("du", ["-sx", "--block-size=1", folder], { encoding: "utf8" });
    expect(await diskUsage([folder])).toBe(Number.parseInt(du, 10));
    execFileSync("rm", ["-rf", "--one-file-system", join(folder, "n".repeat(200))]);
  });
});
