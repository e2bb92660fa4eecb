import { type ExecProcess, startExecAside } from "../../runtime/exec.ts";
import { attemptPaths, podPaths } from "../../state/paths.ts";
import type { ContainerRecord } from "../../state/record.ts";
import { goDuration } from "../status/time.ts";
import { Aborted, type Cut, onCut } from "./deadline.ts";
import { Output, silence } from "./output.ts";
import { discardOwnCgroup, killOwnCgroup, makeOwnCgroup } from "./own-cgroup.ts";
import type { HandlerTarget, Limits } from "./target.ts";

export interface CommandEnd {
  /** 128 + signal for a command that was killed. */
  code: number;
  stdout: string;
  stderr: string;
}

/** A command that was killed because its time was up. */
export class CommandTimedOut extends Error {
  constructor(argv: readonly string[], timeoutMs: number) {
    super(
      `command timed out: ${JSON.stringify(argv.join(" "))} timed out after ${goDuration(timeoutMs / 1000)}`,
    );
  }
}

/**
 * Runs a command in a running container to its end. One that is cut short is killed with every process it has made,
 * daemons included: it runs in a cgroup of its own below the container's.
 *
 * @throws CommandTimedOut, Aborted; TspodError when it could not be started
 */
export async function runCommand(
  target: HandlerTarget,
  argv: readonly string[],
  limits: Limits = {},
): Promise<CommandEnd> {
  const { host, attempt } = target;
  if (limits.signal?.aborted) throw new Aborted();
  const cgroup = makeOwnCgroup(host, attempt.cgroup);
  const request = {
    container: inCgroup(attempt, cgroup),
    paths: attemptPaths(podPaths(host.paths, target.pod), attempt.name, attempt.attempt),
    argv: [...argv],
    stdin: false,
  };
  const given = new AbortController();
  let cut: Cut | undefined;
  const clock = onCut(limits, (why) => {
    cut = why;
    given.abort();
  });
  let exited: Promise<unknown> = Promise.resolve();
  try {
    const started = await startExecAside(host, request, given.signal);
    exited = started.exited;
    return await followed(started, given.signal);
  } catch (error) {
    if (cut === undefined) throw error;
    await killOwnCgroup(host, cgroup, exited);
    throw cut === "timeout" ? new CommandTimedOut(argv, limits.timeoutMs ?? 0) : new Aborted();
  } finally {
    clock.clear();
    discardOwnCgroup(host, cgroup);
  }
}

/** The command's end and what it has said. @throws when the signal comes first */
async function followed({ io, exited }: ExecProcess, given: AbortSignal): Promise<CommandEnd> {
  if ("console" in io) throw new Error("a handler's command has no terminal");
  const outputs = [new Output(io.stdout), new Output(io.stderr)] as const;
  try {
    const end = await Promise.race([exited, aborted(given)]);
    await Promise.race([Promise.all(outputs.map((output) => output.closed)), silence(outputs)]);
    const code = end.signal > 0 ? 128 + end.signal : end.code;
    return { code, stdout: outputs[0].text(), stderr: outputs[1].text() };
  } finally {
    for (const output of outputs) output.destroy();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new Aborted());
    signal.addEventListener("abort", () => reject(new Aborted()), { once: true });
  });
}

/** The container as `exec` is to see it: its limits are those above, its processes are tracked apart. */
function inCgroup(attempt: ContainerRecord, cgroup: string): ContainerRecord {
  const cgroups = attempt.cgroups.map((path) => (path === attempt.cgroup ? cgroup : path));
  return { ...attempt, cgroup, cgroups };
}
