import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { PodSpec, WorkloadObject } from "../../manifest/index.ts";
import { changeResources } from "../../pod/change-resources.ts";
import type { Context } from "../context.ts";
import { openPods, type Pods } from "../pods.ts";
import { shown, type Target, type TargetFlags, targetsOf } from "../targets.ts";
import { imagesFor, quantities, splitImages, withImages, withResources } from "./changes.ts";
import { refuseTemplateless, templateSpec, withTemplate } from "./template.ts";

interface DryRun {
  dryRun?: string | boolean;
}

export type ImageFlags = TargetFlags & DryRun;

export interface ResourceFlags extends TargetFlags, DryRun {
  containers: string;
  limits?: string;
  requests?: string;
}

/** `tspod set image`: of a pod's containers in place, or of a workload's template. */
export async function setImage(
  context: Context,
  words: readonly string[],
  flags: ImageFlags,
): Promise<number> {
  const { named, images } = splitImages(words);
  return each(context, named, flags, {
    done: "image updated",
    change: (spec) => withImages(spec, imagesFor(spec, images)),
    inPlace: async ({ core, host }, { view }, spec) => {
      await core.changeImages(host, view, imagesFor(spec, images));
    },
  });
}

/** `tspod set resources`: cpu and memory, in place. */
export async function setResources(
  context: Context,
  words: readonly string[],
  { limits, requests, containers, ...flags }: ResourceFlags,
): Promise<number> {
  const names = containers.split(",");
  const wanted = { limits: quantities(limits), requests: quantities(requests) };
  if (limits === undefined && requests === undefined) refuseNothing();
  const change = (spec: PodSpec) => withResources(spec, names, wanted);
  return each(context, words, flags, {
    done: "resource requirements updated",
    change,
    inPlace: async ({ host }, { view }) => {
      const { failures } = await changeResources(host, view, change);
      for (const { pod, volume, message } of failures)
        context.warn(`pod ${pod}: volume ${volume} keeps its content: ${message}`);
    },
  });
}

type PodTarget = Extract<Target, { kind: "Pod" }>;

interface Change {
  /** What is said of an object that has changed. */
  done: string;
  change(spec: PodSpec): PodSpec;
  inPlace(pods: Pods, target: PodTarget, spec: PodSpec): Promise<void>;
}

async function each(
  context: Context,
  words: readonly string[],
  flags: TargetFlags & DryRun,
  { done, change, inPlace }: Change,
): Promise<number> {
  const pods = await openPods(context);
  const dry = flags.dryRun !== undefined && flags.dryRun !== "none";
  let made = false;
  for (const target of targetsOf(context, pods, words, flags)) {
    const before = target.kind === "Pod" ? target.view.record.pod.spec : templateSpec(target.object);
    if (!before) throw refuseTemplateless(target);
    const after = change(before);
    // As kubectl: what is as wanted is not mentioned.
    if (JSON.stringify(after) === JSON.stringify(before)) continue;
    if (!dry && target.kind === "Pod") await inPlace(pods, target, before);
    else if (!dry && target.kind !== "Pod") {
      const { applyWorkload } = await import("../../workload/index.ts");
      applyWorkload(pods.host, withTemplate(target.object as WorkloadObject, after));
      made = true;
    }
    context.out(`${shown(target)} ${done}${dry ? " (dry run)" : ""}\n`);
  }
  if (made) await (await import("../workloads/tend.ts")).tend(context, pods);
  return 0;
}

function refuseNothing(): never {
  throw new TspodError({
    code: "TS3496",
    message: "you must specify an update to requests or limits (in the form of --requests/--limits)",
    hint: "for example --limits=cpu=200m,memory=512Mi",
    exitCode: ExitCode.invalid,
  });
}
