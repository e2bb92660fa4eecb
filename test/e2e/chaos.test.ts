import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { FastRoot } from "../support/fast-root.ts";
import { type Command, eventually } from "../support/tspod.ts";
import { pod, sh } from "./support/pods.ts";
import { daemonPid, isAlive } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

/** `make chaos` does it for ten minutes with thirty pods. */
const SECONDS = Number(process.env.TSPOD_CHAOS_SECONDS ?? 15);
const PODS = Number(process.env.TSPOD_CHAOS_PODS ?? 10);

/** Back-offs of minutes are seconds: for whoever starts the next daemon, too. */
const tspod = scenario(new FastRoot(20));
const run = (args: string[]) => tspod.run(args);
const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];

/** The container writes each line and each exit code here first: what must be in its log and its status then. */
const ledger = () => join(tspod.dir, "ledger");

/** Lives a while, says so line by line, and ends with another code each time, 0 among them. */
function mortal(name: string, life: number) {
  const script = `
    dir=/ledger/$POD/${name}; mkdir -p $dir; n=$(ls $dir | wc -l); file=$dir/$(printf %05d $n); : > $file
    for i in 1 2 3 4 5 6 7 8 9 10; do echo "$n line $i" >> $file; echo "$n line $i"; sleep ${life}; done
    code=$((n % 4)); echo "exit $code" >> $file; exit $code`;
  return sh(name, script, {
    env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    volumeMounts: [{ name: "ledger", mountPath: "/ledger" }],
  });
}

/** Restarts, probes, sidecars: what has to be gone on with when its supervisor is killed. */
function victim(index: number): Pod {
  const name = `victim-${String(index).padStart(2, "0")}`;
  // A machine that is this busy answers late: what is probed here is that probes go on.
  const healthy = {
    exec: { command: ["true"] },
    periodSeconds: 20,
    timeoutSeconds: 10,
    failureThreshold: 10,
  };
  const steady = sh("steady", "trap exit TERM; while :; do sleep 3600 & wait; done", {
    readinessProbe: healthy,
    livenessProbe: healthy,
  });
  const sidecar = {
    ...sh("side", "trap exit TERM; while :; do sleep 3600 & wait; done"),
    restartPolicy: "Always",
  };
  return pod(name, [mortal("mortal", 0.05 + (index % 5) * 0.05), steady], {
    restartPolicy: "Always",
    ...(index % 3 === 0 ? { initContainers: [sidecar] } : {}),
    ...(index % 4 === 1 ? { shareProcessNamespace: true } : {}),
    volumes: [{ name: "ledger", hostPath: { path: ledger() } }],
  });
}

interface Seen {
  metadata: { name: string; uid: string };
  status: {
    infra: { pid: number; alive: boolean };
    containerStatuses: ContainerSeen[];
    initContainerStatuses?: ContainerSeen[];
  };
}
interface ContainerSeen {
  name: string;
  pid?: number;
  monitorPid?: number;
  restartCount: number;
  state: {
    running?: object;
    waiting?: { reason: string };
    terminated?: { exitCode: number; reason: string };
  };
}

async function look(names: readonly string[]): Promise<Seen[]> {
  return Promise.all(names.map((name) => tspod.inspect(name)));
}

const containers = ({ status }: Seen) => [
  ...status.containerStatuses,
  ...(status.initContainerStatuses ?? []),
];

function kill(pid: number | undefined): boolean {
  if (pid === undefined || pid <= 1) return false;
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Commands of all kinds, some of which are killed on their way. */
async function commands(
  names: readonly string[],
  until: number,
  killed: Record<string, number>,
): Promise<void> {
  const extra = tspod.manifest(pod("extra", [sh("a", "sleep 1")], { restartPolicy: "OnFailure" }));
  while (Date.now() < until) {
    const name = pick(names) ?? "";
    const args = pick([
      ["ps"],
      ["describe", name],
      ["logs", "--tail", "3", "-c", "mortal", name],
      ["stop", "-c", "steady", name],
      ["run", "-q", "-d", "--replace", extra],
      ["rm", "-f", "--ignore-not-found", "extra"],
      ["label", "pod", name, `turn=${Date.now()}`, "--overwrite"],
    ]) as string[];
    const command: Command = tspod.start(args);
    if (Math.random() < 0.4) {
      await sleep(Math.random() * 400);
      if (command.child.exitCode === null) {
        command.kill("SIGKILL");
        killed.commands = (killed.commands ?? 0) + 1;
      }
    }
    await command.outcome();
  }
}

describe("SIGKILL of everything, at any moment, under load", () => {
  it("loses no pod, no exit code and no line", { timeout: SECONDS * 1000 + 900_000 }, async (context) => {
    mkdirSync(ledger());
    const victims = Array.from({ length: PODS }, (_, index) => victim(index));
    const names = victims.map(({ metadata }) => metadata?.name ?? "");
    for (const one of victims) expect((await run(["run", "-q", "-d", tspod.manifest(one)])).code).toBe(0);
    const uids = new Map((await look(names)).map(({ metadata }) => [metadata.name, metadata.uid]));

    const killed: Record<string, number> = {};
    const until = Date.now() + SECONDS * 1000;
    const load = [commands(names, until, killed), commands(names, until, killed)];
    while (Date.now() < until) {
      const what = pick(["daemon", "daemon", "monitor", "holder"]) as string;
      const one = await tspod.inspect(pick(names) ?? "").catch(() => undefined);
      const pid =
        what === "daemon"
          ? daemonPid(tspod)
          : what === "holder"
            ? one?.status.infra.pid
            : pick(one ? containers(one).filter(({ state }) => state.running) : [])?.monitorPid;
      if (kill(pid)) killed[what] = (killed[what] ?? 0) + 1;
      await sleep(200 + Math.random() * 600);
    }
    await Promise.all(load);
    await run(["rm", "-f", "--ignore-not-found", "extra"]);
    context.annotate?.(`killed ${JSON.stringify(killed)}`);

    // Every pod is there under its uid, and comes to run again what its manifest asks for.
    for (const name of names) {
      await eventually(async () => asAsked(await tspod.inspect(name), uids.get(name)), {
        what: `${name} as its manifest asks`,
      });
    }
    checkRecords(names);
    expect((await run(["rm", "-f", "--all"])).code).toBe(0);
    expect(await tspod.ok(["gc"])).toBe("nothing to remove\n");
    const log = join(tspod.dir, "run/tspod/daemon/log");
    await eventually(() => !existsSync(log) || Promise.reject(new Error(readFileSync(log, "utf8"))), {
      what: "the end of the daemon without a word",
    });
  });
});

function asAsked(one: Seen, uid: string | undefined): true {
  expect(one.metadata.uid).toBe(uid);
  expect(one.status.infra.alive).toBe(true);
  for (const { name, state, pid } of containers(one)) {
    const what = `${name}: ${JSON.stringify(state)}`;
    const waits = state.waiting?.reason === "CrashLoopBackOff" || state.terminated !== undefined;
    if (name === "mortal") expect(state.running !== undefined || waits, what).toBe(true);
    else expect(state.running, what).toBeDefined();
    if (state.running) expect(isAlive(pid ?? 0), what).toBe(true);
  }
  return true;
}

/** Attempts that were recorded have the code they ended with, or a signal, and every line they had written. */
function checkRecords(names: readonly string[]): void {
  let recorded = 0;
  const pods = join(tspod.dir, "run/tspod/pods");
  for (const uid of readdirSync(pods)) {
    const { name } = JSON.parse(readFileSync(join(pods, uid, "pod.json"), "utf8"));
    if (!names.includes(name)) continue;
    const folder = join(pods, uid, "containers/mortal");
    const logs = join(tspod.dir, "var/log/pods", `default_${name}_${uid}`, "mortal");
    for (const attempt of readdirSync(folder)) {
      let exit: { code: number; signal: number };
      try {
        exit = JSON.parse(readFileSync(join(folder, attempt, "exit"), "utf8"));
      } catch {
        continue; // It runs, or its monitor was killed.
      }
      const log = readFileSync(join(logs, `${attempt}.log`), "utf8");
      const printed = [...log.matchAll(/ stdout F (\d+) line (\d+)$/gm)].map(([, n, line]) => ({ n, line }));
      const [first] = printed;
      if (!first) continue; // Killed before its first line.
      const file = join(ledger(), name, "mortal", String(first.n).padStart(5, "0"));
      const written = readFileSync(file, "utf8").trimEnd().split("\n");
      const code = written.at(-1)?.match(/^exit (\d+)$/)?.[1];
      const lines = written.filter((line) => line.includes("line"));
      // A container that was killed may have died between the two writes of its last line.
      expect(printed.length, `${name} attempt ${attempt}`).toBeGreaterThanOrEqual(
        lines.length - (code ? 0 : 1),
      );
      if (code !== undefined && exit.signal === 0) {
        expect(String(exit.code), `${name} attempt ${attempt}`).toBe(code);
        recorded++;
      } else expect(exit.signal, `${name} attempt ${attempt}`).toBeGreaterThan(0);
    }
  }
  expect(recorded).toBeGreaterThan(0);
}
