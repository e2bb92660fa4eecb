import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { podStatus } from "../pod/status.ts";
import type { PodView } from "../pod/view.ts";
import { isSince, type LogLine, mergeLogs, readLog } from "../runtime/logs/index.ts";
import { chooseContainer } from "./container-choice.ts";
import type { Context } from "./context.ts";
import { LogStream, POLL_MS } from "./log-stream.ts";
import { type LogTarget, targetsOf } from "./log-targets.ts";
import { openPods, type Pods, pick } from "./pods.ts";

export interface LogFlags {
  container?: string[];
  allContainers?: boolean;
  follow?: boolean;
  previous?: boolean;
  tail?: number;
  since?: number;
  sinceTime?: Date;
  timestamps?: boolean;
  prefix?: boolean;
}

/** `tspod logs`: what is there, then, with `follow`, what comes until the containers have ended. */
export async function printLogs(context: Context, name: string, flags: LogFlags): Promise<number> {
  const pods = await openPods(context);
  const view = pick(context, pods, name);
  const wanted = containersWanted(context, view, flags);
  const since =
    flags.sinceTime ??
    (flags.since === undefined ? undefined : new Date(context.now().getTime() - flags.since));
  const print = printer(context, flags);
  const targets = wanted.flatMap((container) => targetOf(pods, view, container, flags) ?? []);
  const printedUntil = new Map<string, string>();
  const stream = new LogStream((target, line) => {
    if (isSince(line, since) && line.time > (printedUntil.get(target.key) ?? "")) print(target, line);
  });
  const tail = flags.tail === undefined || flags.tail < 0 ? undefined : flags.tail;
  if (!flags.follow || tail !== undefined) {
    // Opened before what is there is read, so that no line falls in between.
    if (flags.follow) stream.update(targets, { fromEnd: true });
    const logs = targets.map((target) => ({
      name: target.key,
      lines: readLog(target.source, { ...(tail === undefined ? {} : { tail }), ...(since ? { since } : {}) }),
    }));
    const byKey = new Map(targets.map((target) => [target.key, target]));
    for (const { name: key, line } of mergeLogs(logs)) {
      printedUntil.set(key, line.time);
      print(byKey.get(key)!, line);
      await context.drained();
    }
    if (!flags.follow) return 0;
  }
  return follow(context, pods, { view, wanted, stream });
}

async function follow(
  context: Context,
  pods: Pods,
  { view, wanted, stream }: { view: PodView; wanted: string[]; stream: LogStream },
): Promise<number> {
  for (;;) {
    const now = pods.core.viewPod(pods.host, view.record.uid);
    if (now) stream.update(wanted.flatMap((name) => allTargets(pods, now, name).at(-1) ?? []));
    const ended = stream.poll();
    await context.drained();
    if (!now || (ended && now.sandbox.phase !== "creating")) return 0;
    await sleep(POLL_MS);
  }
}

function containersWanted(context: Context, view: PodView, flags: LogFlags): string[] {
  const { pod } = view.record;
  if (flags.allContainers) return view.containers.map(({ name }) => name);
  if (flags.container?.length) return flags.container.map((name) => chooseContainer(pod, name).container);
  const { container, notice } = chooseContainer(pod, undefined);
  if (notice) context.err(notice);
  return [container];
}

/** undefined for a container that has no log yet, when it was not asked for by name. */
function targetOf(pods: Pods, view: PodView, container: string, flags: LogFlags): LogTarget | undefined {
  const all = allTargets(pods, view, container);
  const target = flags.previous ? all.at(-2) : all.at(-1);
  if (target || flags.allContainers) return target;
  const status = podStatus(view);
  const state = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].find(
    ({ name }) => name === container,
  )?.state;
  const name = view.record.name;
  throw new TspodError({
    code: "TS3408",
    message: flags.previous
      ? `previous terminated container "${container}" in pod "${name}" not found`
      : `container "${container}" in pod "${name}" is waiting to start: ${state?.waiting?.reason ?? "it was never created"}`,
    exitCode: flags.previous ? ExitCode.notFound : ExitCode.failure,
  });
}

function allTargets({ host }: Pods, view: PodView, name: string): LogTarget[] {
  const container = view.containers.find((one) => one.name === name);
  return container ? targetsOf(host, view, container) : [];
}

function printer(
  context: Context,
  { prefix, timestamps }: LogFlags,
): (target: LogTarget, line: LogLine) => void {
  return ({ pod, container }, line) => {
    const head = `${prefix ? `[pod/${pod}/${container}] ` : ""}${timestamps ? `${line.time} ` : ""}`;
    context.out(`${head}${line.text}\n`);
  };
}
