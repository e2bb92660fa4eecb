import { podCgroup } from "../cgroup/layout.ts";
import { planResize } from "../cgroup/resize.ts";
import { execute, unwind } from "../engine/execute.ts";
import { newHandles } from "../engine/handles.ts";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { cgroupUsage } from "../kernel/cgroup-usage.ts";
import type { PodSpec } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { inTurn } from "../state/turn.ts";
import { updatePod } from "../state/update-pod.ts";
import { cgroupName } from "./plan-input.ts";
import { resizeFaults } from "./resize-rules.ts";
import type { PodView } from "./view.ts";
import { viewPod } from "./views.ts";

export interface Resized {
  record: PodRecord;
  /** Containers whose limits changed while they run. */
  inPlace: string[];
  /** Containers that their `resizePolicy` wants restarted: the caller ends them, and they start with the new limits. */
  restart: string[];
}

/**
 * Gives a pod's containers, or the pod, other cpu and memory (`change` makes the new spec of the present one): the record,
 * which later attempts start from, and the cgroups of those that run. Both or neither.
 * @throws TspodError TS3454 for what the API refuses, TS4312 for a memory limit below what is in use, TS5012 when the pod is gone
 */
export function resizePod(host: Host, { record }: PodView, change: (spec: PodSpec) => PodSpec): Resized {
  const paths = podPaths(host.paths, record);
  // No container may start between the look at those that run and the new record.
  const resized = inTurn(paths, () => {
    const view = viewPod(host, record.uid);
    const before = view?.record.pod.spec;
    if (!view || !before) throw removed(record);
    const after = change(before);
    const [fault] = resizeFaults(before, after);
    if (fault) throw refused(record, fault.message);
    const plan = planResize(inputOf(host, view, { before, after }));
    const options = { kernel: host.kernel, handles: newHandles(record.uid, "") };
    try {
      execute(plan.ops, options);
      const now = updatePod(paths, (each) => ({ ...each, pod: { ...each.pod, spec: after } }));
      if (!now) throw removed(record);
      return { record: now, inPlace: touched(plan.ops, view), restart: plan.restart };
    } catch (error) {
      const failures = unwind(plan.undo, options);
      if (error instanceof TspodError) error.cleanup.push(...failures);
      throw error;
    }
  });
  if (!resized) throw removed(record);
  return resized;
}

function inputOf(host: Host, view: PodView, spec: { before: PodSpec; after: PodSpec }) {
  const { layout, cgroupHost } = host.facts();
  const name = cgroupName(host);
  const pod = podCgroup(name, view.record.uid);
  const alive = view.containers.flatMap(({ attempts }) => {
    const last = attempts.at(-1);
    return last?.alive ? [last.record] : [];
  });
  const inUse = (path: string) => cgroupUsage(layout, path).memoryWorkingSetBytes;
  const containers = new Map(
    alive.flatMap((one): [string, number][] => {
      const bytes = inUse(`${pod}/${one.name}-${one.attempt}`);
      return bytes === undefined ? [] : [[one.name, bytes]];
    }),
  );
  const used = inUse(pod);
  return {
    layout,
    name,
    uid: view.record.uid,
    host: cgroupHost,
    ...spec,
    running: new Map(alive.map((one): [string, number] => [one.name, one.attempt])),
    usage: { ...(used === undefined ? {} : { pod: used }), containers },
  };
}

function touched(ops: readonly { op: string; path?: string }[], view: PodView): string[] {
  return view.containers
    .filter(({ attempts }) => {
      const leaf = attempts.at(-1)?.record.cgroups ?? [];
      return ops.some(({ path = "" }) => leaf.some((folder) => path.startsWith(`${folder}/`)));
    })
    .map(({ name }) => name);
}

function refused({ name }: PodRecord, message: string): TspodError {
  return new TspodError({
    code: "TS3454",
    message: `The Pod ${JSON.stringify(name)} is invalid: ${message}`,
    hint: "`tspod run -d --replace FILE` makes the pod anew",
    exitCode: ExitCode.invalid,
  });
}

function removed({ name }: PodRecord): TspodError {
  return new TspodError({
    code: "TS5012",
    message: `${name} was removed while it was being changed`,
    exitCode: ExitCode.conflict,
  });
}
