import {
  changeObjectMetadata,
  changePodMetadata,
  type MetadataChange,
  type MetadataField,
} from "../../pod/metadata.ts";
import type { Context } from "../context.ts";
import { openPods, type Pods } from "../pods.ts";
import { shown, type Target, type TargetFlags, targetsOf } from "../targets.ts";
import { metadataChange, outcome, refuseOverwrite, splitWords } from "./changes.ts";

export interface MetadataFlags extends TargetFlags {
  overwrite?: boolean;
  list?: boolean;
  dryRun?: string | boolean;
}

/** `tspod label` and `tspod annotate`. */
export async function metadataCommand(
  context: Context,
  field: MetadataField,
  words: readonly string[],
  flags: MetadataFlags,
): Promise<number> {
  const { named, specs } = splitWords(words);
  const change = flags.list && specs.length === 0 ? undefined : metadataChange(field, specs);
  const pods = await openPods(context);
  for (const target of targetsOf(context, pods, named, flags)) {
    if (change) apply(context, pods, { target, field, change, flags });
    if (flags.list) list(context, pods, target, field);
  }
  return 0;
}

interface One {
  target: Target;
  field: MetadataField;
  change: MetadataChange;
  flags: MetadataFlags;
}

function apply(context: Context, pods: Pods, { target, field, change, flags }: One): void {
  const before = mapOf(target, field);
  const check = (map: Record<string, string>) => {
    if (!flags.overwrite) refuseOverwrite(field, map, change);
  };
  check(before);
  for (const key of change.remove)
    if (!(key in before) && field === "labels") context.err(`label "${key}" not found.\n`);
  const dry = flags.dryRun !== undefined && flags.dryRun !== "none";
  if (!dry) {
    const refreshed =
      target.kind === "Pod"
        ? changePodMetadata(pods.host, target.view, { field, change, check })
        : changeObjectMetadata(pods.host, target.object, { field, change, check });
    for (const { pod, volume, message } of refreshed.failures)
      context.warn(`pod ${pod}: volume ${volume} keeps its content: ${message}`);
  }
  context.out(`${shown(target)} ${outcome(field, before, change)}${dry ? " (dry run)" : ""}\n`);
}

function mapOf(target: Target, field: MetadataField): Record<string, string> {
  const metadata = target.kind === "Pod" ? target.view.record.pod.metadata : target.object.metadata;
  return metadata?.[field] ?? {};
}

/** As it is now: after the change, with one. */
function list(context: Context, { host, core }: Pods, target: Target, field: MetadataField): void {
  const now =
    target.kind === "Pod"
      ? (core.viewPod(host, target.view.record.uid)?.record.pod.metadata?.[field] ?? {})
      : (core.getObject(host, target.kind, { name: target.name, namespace: target.object.metadata.namespace })
          .metadata[field] ?? {});
  for (const key of Object.keys(now).sort()) context.out(`${key}=${now[key]}\n`);
}
