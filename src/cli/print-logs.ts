import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { matchesSelector, parseSelector } from "../manifest/index.ts";
import { podStatus } from "../pod/status.ts";
import type { PodView } from "../pod/view.ts";
import { isSince, LOG_BYTES, type LogLine, mergeLogs, readLog } from "../runtime/logs/index.ts";
import { chooseContainer } from "./container-choice.ts";
import type { Context } from "./context.ts";
import { LogStream, POLL_MS } from "./log-stream.ts";
import { type LogTarget, targetsOf } from "./log-targets.ts";
import { pickPod } from "./pick-pod.ts";
import { namespaceOf, openPods, type Pods } from "./pods.ts";

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
  selector?: string;
  /** Bytes of each log. */
  limitBytes?: number;
  /** How many logs may be followed at once. */
  maxLogRequests: number;
  /** A log that is not there does not keep the others. */
  ignoreErrors?: boolean;
}

/** The logs wanted of one pod. */
interface PodLogs {
  view: PodView;
  wanted: string[];
}

/** `kubectl logs -l` shows so many lines of each log, unless told otherwise. */
const TAIL_WITH_SELECTOR = 10;

/** `tspod logs`: what is there, then, with `follow`, what comes until the containers have ended. */
export async function printLogs(
  context: Context,
  name: string | undefined,
  given: LogFlags,
): Promise<number> {
  // As the API server has it: which of the two was meant is not for us to say.
  if (given.since !== undefined && given.sinceTime !== undefined)
    throw usage("at most one of --since and --since-time may be specified");
  const pods = await openPods(context);
  const flags = given.selector === undefined ? given : { tail: TAIL_WITH_SELECTOR, ...given };
  const sources = (await podsWanted(context, pods, name, flags)).map((view) => ({
    view,
    wanted: containersWanted(context, view, flags),
  }));
  if (sources.length === 0) context.err(`No resources found in ${namespaceOf(context)} namespace.\n`);
  if (flags.follow) refuseTooMany(sources, flags.maxLogRequests);
  const since =
    flags.sinceTime ??
    (flags.since === undefined ? undefined : new Date(context.now().getTime() - flags.since));
  const { print, isFull } = printer(context, flags);
  const targets = sources.flatMap(({ view, wanted }) =>
    wanted.flatMap((container) => targetOf(context, pods, { view, container, flags }) ?? []),
  );
  const printedUntil = new Map<string, string>();
  const stream = new LogStream((target, line) => {
    if (isSince(line, since) && line.time > (printedUntil.get(target.key) ?? "")) print(target, line);
    if (isFull(target.key)) stream.leave(target.key);
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
      if (isFull(key)) stream.leave(key);
      await context.drained();
    }
    if (!flags.follow) return 0;
  }
  return follow(context, pods, sources, stream);
}

async function podsWanted(
  context: Context,
  pods: Pods,
  name: string | undefined,
  { selector }: LogFlags,
): Promise<PodView[]> {
  if (name !== undefined && selector !== undefined)
    throw usage("only a selector (-l) or a POD name is allowed");
  if (name !== undefined) return [await pickPod(context, pods, name)];
  if (selector === undefined) throw usage("POD or TYPE/NAME is a required argument for the logs command");
  const wanted = parseSelector(selector);
  const namespace = namespaceOf(context);
  return pods.core
    .listPods(pods.host)
    .filter(({ record }) => record.namespace === namespace)
    .filter(({ record }) => matchesSelector(wanted, record.pod.metadata?.labels));
}

function refuseTooMany(sources: readonly PodLogs[], limit: number): void {
  const count = sources.reduce((sum, { wanted }) => sum + wanted.length, 0);
  if (count <= limit) return;
  throw usage(
    `you are attempting to follow ${count} log streams, but maximum allowed concurrency is ${limit}, use --max-log-requests to increase the limit`,
  );
}

async function follow(
  context: Context,
  pods: Pods,
  sources: readonly PodLogs[],
  stream: LogStream,
): Promise<number> {
  for (;;) {
    const now = sources.map(({ view, wanted }) => ({
      view: pods.core.viewPod(pods.host, view.record.uid),
      wanted,
    }));
    for (const { view, wanted } of now)
      if (view) stream.update(wanted.flatMap((name) => allTargets(pods, view, name).at(-1) ?? []));
    const ended = stream.poll();
    await context.drained();
    const made = now.every(({ view }) => view?.sandbox.phase !== "creating");
    const gone = now.every(({ view }) => view === undefined);
    if (gone || (ended && made)) return 0;
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
function targetOf(
  context: Context,
  pods: Pods,
  { view, container, flags }: { view: PodView; container: string; flags: LogFlags },
): LogTarget | undefined {
  const all = allTargets(pods, view, container);
  const target = flags.previous ? all.at(-2) : all.at(-1);
  if (target || flags.allContainers) return target;
  const status = podStatus(view);
  const state = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].find(
    ({ name }) => name === container,
  )?.state;
  const name = view.record.name;
  const missing = new TspodError({
    code: "TS3408",
    message: flags.previous
      ? `previous terminated container "${container}" in pod "${name}" not found`
      : `container "${container}" in pod "${name}" is waiting to start: ${state?.waiting?.reason ?? "it was never created"}`,
    exitCode: flags.previous ? ExitCode.notFound : ExitCode.failure,
  });
  if (!flags.ignoreErrors) throw missing;
  context.warn(missing.message);
  return undefined;
}

function allTargets({ host }: Pods, view: PodView, name: string): LogTarget[] {
  const container = view.containers.find((one) => one.name === name);
  return container ? targetsOf(host, view, container) : [];
}

function printer(
  context: Context,
  { prefix, timestamps, limitBytes }: LogFlags,
): { print(target: LogTarget, line: LogLine): void; isFull(key: string): boolean } {
  /** Bytes that each log may still have. */
  const left = new Map<string, number>();
  const room = (key: string) => left.get(key) ?? limitBytes ?? Number.POSITIVE_INFINITY;
  return {
    print({ key, pod, container }, line) {
      if (room(key) === 0) return;
      const head = prefix ? `[pod/${pod}/${container}] ` : "";
      const text = `${timestamps ? `${line.time} ` : ""}${line.text}\n`.slice(0, room(key));
      left.set(key, room(key) - text.length);
      context.out(head + text, LOG_BYTES);
    },
    isFull: (key) => room(key) === 0,
  };
}

function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3412",
    message,
    hint: "tspod logs POD, or tspod logs -l app=web",
    exitCode: ExitCode.invalid,
  });
}
