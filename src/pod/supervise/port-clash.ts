import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readListeners, socketOwners } from "../../kernel/listeners.ts";
import type { Host } from "../../runtime/host.ts";
import { readLines, tailOffset } from "../../runtime/logs/tail.ts";
import { attemptPaths, podPaths } from "../../state/paths.ts";
import { attemptExitCode } from "../outcome.ts";
import type { AttemptView, PodView } from "../view.ts";

/** What programs print when bind(2) fails with EADDRINUSE, in C, Node, Go, Java and Python. */
const CLASH = /address (already )?in use|EADDRINUSE|port is already allocated/i;

/**
 * Why a container has ended whose log's last lines complain of an address in use: which of its neighbours listens on the
 * port, for they share one network. Undefined when it does not, or nobody is found.
 */
export function portClash(host: Host, view: PodView, attempt: AttemptView): string | undefined {
  const { infra } = view.sandbox;
  if (!infra || !view.infraAlive || attemptExitCode(attempt) === 0) return undefined;
  const { record } = attempt;
  const paths = attemptPaths(podPaths(host.paths, view.record), record.name, record.attempt);
  const complaint = lastLines(paths.log).find((line) => CLASH.test(line));
  if (complaint === undefined) return undefined;
  const listeners = readListeners(`/proc/${infra.pid}/net`);
  const wanted = wantedPorts(view, record.name, complaint);
  const owners = socketOwners(new Set(listeners.map(({ inode }) => inode)));
  for (const { port, inode } of listeners) {
    if (!wanted.includes(port)) continue;
    const owner = owners.get(inode);
    const container = owner && containerOf(view, owner.pid);
    if (owner && container !== undefined && container !== record.name)
      return `port ${port} is already bound in this Pod by container "${container}" (pid ${owner.pid})`;
  }
  return undefined;
}

/** The text of the last lines of a log. */
function lastLines(log: string): string[] {
  try {
    return [...readLines(log, tailOffset(log, LAST_LINES).offset)].map((line) =>
      line.split(" ").slice(3).join(" "),
    );
  } catch {
    // It never wrote any, or the log is gone with its pod.
    return [];
  }
}

/** A program that cannot bind says so at its end. */
const LAST_LINES = 20;

/** Those the complaint names, else those the manifest declares, else any: a program says what it could not bind. */
function wantedPorts(view: PodView, name: string, complaint: string): number[] {
  const named = [...complaint.matchAll(/(?<![\d.])(?:[:\s(]|port )(\d{1,5})(?![\d.])/g)].map((match) =>
    Number(match[1]),
  );
  const spec = view.record.pod.spec;
  const container = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find(
    (one) => one.name === name,
  );
  const declared = (container?.ports ?? []).map(({ containerPort }) => containerPort);
  const infra = view.sandbox.infra?.pid;
  const all = readListeners(`/proc/${infra}/net`).map(({ port }) => port);
  return [named.filter((port) => all.includes(port)), declared, all].find((ports) => ports.length > 0) ?? [];
}

/** By the cgroup that the process is in. */
function containerOf({ containers }: PodView, pid: number): string | undefined {
  return containers.find(({ attempts }) => {
    const cgroup = attempts.at(-1)?.record.cgroup;
    return cgroup !== undefined && processesIn(cgroup).includes(pid);
  })?.name;
}

function processesIn(cgroup: string): number[] {
  try {
    const below = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const own = readFileSync(join(cgroup, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    return [...own, ...below.flatMap(({ name }) => processesIn(join(cgroup, name)))];
  } catch {
    return [];
  }
}
