import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { isWorkload, plural } from "../../manifest/index.ts";
import { podWithStatus } from "../../pod/status.ts";
import type { Context } from "../context.ts";
import { readManifestFiles } from "../manifests.ts";
import { namedObjects } from "../objects/kinds.ts";
import { openPods, type Pods } from "../pods.ts";
import { shown, type Target, type TargetFlags, targetsOf } from "../targets.ts";
import { type Goal, isReached, parseGoal } from "./goal.ts";

export interface WaitFlags extends TargetFlags {
  for?: string;
  /** Milliseconds; 0 looks once, less waits a week. */
  timeout: number;
  filename?: string[];
}

const INTERVAL_MS = 100;
const WEEK_MS = 7 * 24 * 3_600_000;

/** `tspod wait`: returns when all that is named is as wanted. @throws TspodError TS3472 when the time is over */
export async function waitCommand(
  context: Context,
  words: readonly string[],
  flags: WaitFlags,
): Promise<number> {
  const goal = parseGoal(flags.for ?? missingFor());
  const pods = await openPods(context);
  const named = [...words, ...(await namesIn(context, flags.filename ?? []))];
  const deadline = Date.now() + (flags.timeout < 0 ? WEEK_MS : flags.timeout);
  for (const one of await found(context, pods, { named, flags, goal, deadline })) {
    while (!isReached(goal, await objectOf(pods, one))) {
      if (Date.now() >= deadline) throw timedOut(one.kind, one.name);
      await sleep(INTERVAL_MS);
    }
    context.out(`${shown(one)} condition met\n`);
  }
  return 0;
}

interface Search {
  named: string[];
  flags: WaitFlags;
  goal: Goal;
  deadline: number;
}

/** What is named, once it is there: `create` waits for it, `delete` is content without it. */
async function found(
  context: Context,
  pods: Pods,
  { named, flags, goal, deadline }: Search,
): Promise<Target[]> {
  for (;;) {
    try {
      const targets = targetsOf(context, pods, named, flags);
      if (targets.length > 0 || goal.goal !== "create") {
        if (targets.length === 0) throw noMatch();
        return targets;
      }
    } catch (error) {
      const missing = error instanceof TspodError && error.exitCode === ExitCode.notFound;
      if (missing && goal.goal === "delete") return [];
      if (!missing || goal.goal !== "create") throw error;
    }
    if (Date.now() >= deadline)
      throw timedOut(kindIn(named), (named.at(-1) ?? flags.selector ?? "").replace(/^.*\//, ""));
    await sleep(INTERVAL_MS);
  }
}

/** As it is now; undefined once it is gone. A pod of the same name made anew is another one. */
async function objectOf({ host, core }: Pods, target: Target): Promise<{ status?: unknown } | undefined> {
  if (target.kind === "Pod") {
    const view = core.viewPod(host, target.view.record.uid);
    return view && podWithStatus(view);
  }
  const { namespace } = target.object.metadata;
  const object = core
    .allObjects(host, target.kind, namespace)
    .find(({ metadata }) => metadata.name === target.name);
  if (!object || !isWorkload(object)) return object as { status?: unknown } | undefined;
  const { withStatusNow } = await import("../../workload/index.ts");
  return withStatusNow(host, object);
}

async function namesIn(context: Context, files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const { objects } = await readManifestFiles(files, { timings: context.timings });
  return objects.map(({ kind, object }) => `${kind.toLowerCase()}/${object.metadata?.name}`);
}

function missingFor(): never {
  throw new TspodError({
    code: "TS3471",
    message: "--for is missing",
    hint: "for example --for=condition=Ready, --for=jsonpath='{.status.phase}'=Running or --for=delete",
    exitCode: ExitCode.invalid,
  });
}

function noMatch(): TspodError {
  return new TspodError({
    code: "TS3473",
    message: "no matching resources found",
    exitCode: ExitCode.notFound,
  });
}

function kindIn(words: readonly string[]): Target["kind"] {
  return namedObjects(words.slice(-1))?.kind ?? namedObjects(words)?.kind ?? "Pod";
}

function timedOut(kind: Target["kind"], name: string): TspodError {
  return new TspodError({
    code: "TS3472",
    message: `timed out waiting for the condition on ${plural(kind)}/${name}`,
    hint: "--timeout=SECONDS waits longer; `tspod describe` says what it is waiting for",
    exitCode: ExitCode.timeout,
  });
}
