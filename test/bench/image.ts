/**
 * Pull plus unpack, and unpack alone, of one image of many small files, beside skopeo + umoci and podman, interleaved.
 *
 *     make bench-images            (or: BENCH_TREE="/usr/share /etc" WORK=/dev/shm ROUNDS=5 …)
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join, resolve } from "node:path";
import { makeLayout } from "../support/image/make-image.ts";
import { startRegistry } from "../support/image/registry.ts";

interface Subject {
  name: string;
  /** Milliseconds of the timed part. */
  sample(): number;
  times: number[];
}

const work = mkdtempSync(join(process.env.WORK ?? "/var/tmp", "tspod-bench-images-"));
const rounds = Number(process.env.ROUNDS ?? 5);
const trees = (process.env.BENCH_TREE ?? "/usr/include /usr/lib/python3 /usr/share/doc /usr/share/man /etc")
  .split(" ")
  .filter((path) => existsSync(path));
const tspod = resolve("bin/tspod");

/** Wall time of a command; its children's processor time and largest memory come with it. */
function timed(program: string, args: string[], env: NodeJS.ProcessEnv = {}): number {
  const began = performance.now();
  const done = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH, HOME: work, ...env },
    maxBuffer: 1 << 26,
  });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
  return performance.now() - began;
}

function fresh(name: string): string {
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

function layerOf(tree: string): Buffer {
  return execFileSync("tar", ["--numeric-owner", "-cf", "-", "-C", "/", tree.slice(1)], {
    maxBuffer: 2 ** 31 - 1,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

const layers = trees.map(layerOf);
const layout = join(work, "layout");
const [made] = makeLayout(layout, { layers, compress: true, name: "big" });
const entries = trees.reduce((total, tree) => total + readdirSync(tree, { recursive: true }).length, 0);
const registry = await startRegistry(join(work, "registry"));
timed("skopeo", [
  "copy",
  "-q",
  "--dest-tls-verify=false",
  "--preserve-digests",
  `oci:${layout}:big`,
  `docker://${registry.host}/big:1`,
]);
const ref = `${registry.host}/big:1`;

/** Only the removal of what the last sample made is outside the clock. */
const subjects: Subject[] = [
  {
    name: "tspod: pull and unpack",
    times: [],
    sample: () => timed(tspod, ["--root", fresh("tspod"), "image", "pull", "-q", ref]),
  },
  {
    name: "podman: pull and unpack",
    times: [],
    sample: () => {
      const folder = fresh("podman");
      return timed("podman", [
        "--root",
        join(folder, "root"),
        "--runroot",
        join(folder, "run"),
        "--storage-driver",
        "overlay",
        "pull",
        "-q",
        "--tls-verify=false",
        ref,
      ]);
    },
  },
  {
    name: "skopeo + umoci: pull and unpack",
    times: [],
    sample: () => {
      const folder = fresh("umoci");
      const pull = timed("skopeo", [
        "copy",
        "-q",
        "--src-tls-verify=false",
        `docker://${ref}`,
        `oci:${folder}/layout:big`,
      ]);
      return pull + timed("umoci", ["unpack", "--image", `${folder}/layout:big`, `${folder}/bundle`]);
    },
  },
  {
    name: "tspod: unpack alone",
    times: [],
    sample: () => {
      const folder = fresh("alone");
      return made!.layers.reduce((total, digest, i) => {
        const into = join(folder, String(i));
        mkdirSync(into);
        return (
          total +
          timed("sh", [
            "-c",
            `exec dist/tspod-unpack extract 1099511627776 9999999 0 <${layout}/blobs/sha256/${digest.slice(7)} 3<${into} >/dev/null`,
          ])
        );
      }, 0);
    },
  },
  {
    name: "umoci: unpack alone",
    times: [],
    sample: () =>
      timed("umoci", ["unpack", "--image", `${layout}:big`, join(fresh("umoci-alone"), "bundle")]),
  },
  {
    name: "GNU tar + gzip: unpack alone",
    times: [],
    sample: () => {
      const folder = fresh("tar");
      return made!.layers.reduce(
        (total, digest) =>
          total +
          timed("tar", [
            "--xattrs",
            "--xattrs-include=*",
            "-C",
            folder,
            "-xzf",
            `${layout}/blobs/sha256/${digest.slice(7)}`,
          ]),
        0,
      );
    },
  },
];

const stored = made!.layers.reduce(
  (total, digest) => total + statSync(join(layout, "blobs/sha256", digest.slice(7))).size,
  0,
);
const plain = layers.reduce((total, layer) => total + layer.length, 0);
const failed = new Map<string, string>();
try {
  for (let round = 0; round <= rounds; round++)
    for (const subject of subjects) {
      if (failed.has(subject.name)) continue;
      try {
        const time = subject.sample();
        if (process.env.VERBOSE) console.error(round, subject.name, time.toFixed(0));
        // The first round fills caches.
        if (round > 0) subject.times.push(time);
      } catch (error) {
        failed.set(subject.name, String((error as Error).message).slice(0, 300));
      }
    }
  const median = (times: number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  console.log(
    `${release()}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}; ${work.split("/")[1]}; ${rounds} rounds`,
  );
  console.log(
    `image: ${layers.length} layers, ${entries} entries, ${(plain / 1e6).toFixed(0)} MB, ${(stored / 1e6).toFixed(0)} MB as gzip\n`,
  );
  for (const { name, times } of subjects) {
    const line = failed.has(name)
      ? `failed: ${failed.get(name)}`
      : `${median(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}), ${(plain / 1e3 / median(times)).toFixed(0)} MB/s`;
    console.log(`${name.padEnd(34)} ${line}`);
  }
  mkdirSync("build", { recursive: true });
  writeFileSync(
    "build/bench-images.json",
    JSON.stringify(
      { entries, plain, stored, subjects: subjects.map(({ name, times }) => ({ name, times })) },
      null,
      1,
    ),
  );
} finally {
  await registry.kill();
  rmSync(work, { recursive: true, force: true });
}
