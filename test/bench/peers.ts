import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Absent, type Subject, sleepers, timed } from "./subject.ts";

/** Tries a peer once: what it says on failure is the reason why it is left out. */
export async function ifItWorks(make: () => Promise<Subject>, name: string): Promise<Subject | Absent> {
  let subject: Subject | undefined;
  try {
    subject = await make();
    await subject.sample();
    return subject;
  } catch (error) {
    await subject?.dispose();
    return { name, because: reasonOf(error) };
  }
}

/** The last line that a peer printed is the one that says why. */
function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return "not installed";
  const lines = String((error as Error).message)
    .trim()
    .split("\n");
  return (lines.at(-1) ?? "?").slice(0, 300);
}

const bare = { upPhases: {}, downPhases: {} };

/** podman kube play, with everything it keeps in a folder of its own and the image imported from our root filesystem. */
export async function podman(lower: string, containers: number): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tspod-podman-"));
  const place = [
    ...["--root", join(dir, "storage"), "--runroot", join(dir, "run"), "--tmpdir", join(dir, "tmp")],
    ...["--cgroup-manager", "cgroupfs"],
  ];
  const dispose = async () => {
    await timed("podman", [...place, "pod", "rm", "-fa", "-t", "0"]).catch(() => undefined);
    await timed("podman", [...place, "system", "reset", "-f"]).catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    execFileSync("sh", [
      "-c",
      'tar -C "$0" -c . | podman "$@" import - localhost/bench:1 >/dev/null 2>&1',
      lower,
      ...place,
    ]);
    const manifest = join(dir, "pod.yaml");
    writeFileSync(manifest, sleepers("bench", containers, "localhost/bench:1"));
    return {
      name: `podman (${containers})`,
      containers,
      what: "podman kube play; pod rm -f",
      async sample() {
        const up = await timed("podman", [...place, "kube", "play", manifest]);
        const down = await timed("podman", [...place, "pod", "rm", "-f", "-t", "0", "bench"]);
        return { up: up.ns, down: down.ns, ...bare };
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** crun alone: one container, with namespaces of its own but no pod network, no image and no log. */
export async function crun(lower: string): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tspod-crun-"));
  const bundle = join(dir, "bundle");
  const state = ["--root", join(dir, "run")];
  mkdirSync(bundle);
  execFileSync("cp", ["-a", lower, join(bundle, "rootfs")]);
  execFileSync("crun", ["spec"], { cwd: bundle });
  const config = JSON.parse(execFileSync("cat", [join(bundle, "config.json")], { encoding: "utf8" }));
  config.process.terminal = false;
  config.process.args = ["sleep", "600"];
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
  return {
    name: "crun (1)",
    containers: 1,
    what: "crun run -d; delete -f: no network, image, log",
    async sample() {
      const up = await timed("crun", [...state, "run", "-d", "-b", bundle, "bench"], { stdio: "ignore" });
      const down = await timed("crun", [...state, "delete", "-f", "bench"]);
      return { up: up.ns, down: down.ns, ...bare };
    },
    async dispose() {
      await timed("crun", [...state, "delete", "-f", "bench"]).catch(() => undefined);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
