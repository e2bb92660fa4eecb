import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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

/** The last line that a peer printed is the one that says why, unless one speaks of cgroups. */
function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return "not installed";
  const lines = String((error as Error).message)
    .trim()
    .split("\n");
  const line = lines.find((text) => /cgroups? in hybrid/.test(text)) ?? lines.at(-1) ?? "?";
  return line.replace(/^starting container [0-9a-f]+: /, "").slice(0, 300);
}

const bare = { upPhases: {}, downPhases: {} };

/**
 * podman kube play, with all it keeps in a folder, a network and a mount namespace of its own, and the image
 * imported from our root filesystem. `runtime`: crun, or runc where crun refuses the host's cgroups.
 */
export async function podman(lower: string, containers: number, runtime: string): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tspod-podman-"));
  const conf = join(dir, "containers.conf");
  // Root without CAP_SYS_RESOURCE cannot raise limits to what podman asks by default.
  writeFileSync(
    conf,
    `[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n[network]\nnetwork_config_dir = "${dir}/net"\n`,
  );
  const shared = ["/var/lib/cni", "/var/lib/containers"].filter((folder) => !existsSync(folder));
  const hidden = "for d in /var/lib/cni /var/lib/containers; do mkdir -p $d && mount -t tmpfs tmpfs $d; done";
  const keeper = spawn("unshare", ["-n", "-m", "sh", "-c", `${hidden}; exec sleep infinity`], {
    stdio: "ignore",
  });
  await sleep(200);
  const inside = (...args: string[]) => [
    ...["-t", String(keeper.pid), "-n", "-m", "podman"],
    ...["--root", `${dir}/storage`, "--runroot", `${dir}/run`, "--tmpdir", `${dir}/tmp`],
    ...["--cgroup-manager", "cgroupfs", "--runtime", runtime, ...args],
  ];
  const call = (...args: string[]) =>
    timed("nsenter", inside(...args), { env: { ...process.env, CONTAINERS_CONF: conf } });
  const dispose = async () => {
    await call("system", "reset", "-f").catch(() => undefined);
    keeper.kill();
    await timed("sh", [
      "-c",
      "find /sys/fs/cgroup -depth -path '*/libpod_parent*' -type d -exec rmdir {} + || true",
    ]);
    for (const folder of shared) rmdirSync(folder);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const tar = join(dir, "image.tar");
    await timed("tar", ["-C", lower, "-cf", tar, "."]);
    await call("import", tar, "localhost/bench:1");
    const manifest = join(dir, "pod.yaml");
    writeFileSync(manifest, sleepers("bench", containers, "localhost/bench:1"));
    return {
      name: `podman+${runtime} (${containers})`,
      containers,
      what: "podman kube play; pod rm -f",
      async sample() {
        const up = await call("kube", "play", manifest);
        const down = await call("pod", "rm", "-f", "-t", "0", "bench");
        return { up: up.ns, down: down.ns, ...bare };
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** crun or runc alone: one container, with namespaces of its own but no pod network, no image and no log. */
export async function ociRuntime(lower: string, runtime: string): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), `tspod-${runtime}-`));
  const bundle = join(dir, "bundle");
  const state = ["--root", join(dir, "run")];
  mkdirSync(bundle);
  execFileSync("cp", ["-a", lower, join(bundle, "rootfs")]);
  execFileSync(runtime, ["spec"], { cwd: bundle });
  const config = JSON.parse(execFileSync("cat", [join(bundle, "config.json")], { encoding: "utf8" }));
  config.process.terminal = false;
  config.process.args = ["/bin/sleep", "600"];
  config.process.rlimits = [];
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
  return {
    name: `${runtime} (1)`,
    containers: 1,
    what: `${runtime} run -d; delete -f: no network, image, log`,
    async sample() {
      const up = await timed(runtime, [...state, "run", "-d", "-b", bundle, "bench"], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const down = await timed(runtime, [...state, "delete", "-f", "bench"]);
      return { up: up.ns, down: down.ns, ...bare };
    },
    async dispose() {
      await timed(runtime, [...state, "delete", "-f", "bench"]).catch(() => undefined);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
