import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Pod, PodSpec } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { updatePod } from "../state/update-pod.ts";
import { appliedNames } from "./applied-names.ts";
import { changeImages } from "./change-images.ts";
import { changeResources } from "./change-resources.ts";
import type { Locate } from "./locate.ts";
import { type MetadataField, refreshed, removedMeanwhile } from "./metadata.ts";
import { classifyUpdate, type PodUpdate, withPolicies } from "./pod-update.ts";
import type { Refreshed } from "./refresh.ts";
import type { PodView } from "./view.ts";

export interface AppliedPod extends Refreshed {
  what: "configured" | "unchanged";
  /** Containers that are started anew with another image. */
  images: string[];
}

type Allowed = Extract<PodUpdate, { update: "allowed" }>;

/**
 * The pod that a manifest makes of one that is there: labels and annotations that others have set stay, those that an
 * earlier manifest had and this one lacks go, as in kubectl's three-way merge.
 */
export function mergedPod({ pod, applied }: PodRecord, wanted: Pod): Pod {
  const merge = (field: MetadataField) => {
    const kept = Object.entries(pod.metadata?.[field] ?? {}).filter(
      ([key]) => !applied?.[field].includes(key),
    );
    const after = { ...Object.fromEntries(kept), ...wanted.metadata?.[field] };
    return Object.keys(after).length > 0 ? { [field]: after } : {};
  };
  const { labels: _l, annotations: _a, ...rest } = wanted.metadata ?? {};
  const metadata = { ...rest, ...merge("labels"), ...merge("annotations") };
  return pod.spec && wanted.spec
    ? { ...wanted, metadata, spec: withPolicies(wanted.spec, pod.spec) }
    : { ...wanted, metadata };
}

/**
 * Makes a pod that is there into another, as far as the API lets it be changed; images first, since one that cannot be
 * had leaves all as it is. `wanted` has all defaults. @throws TspodError TS3453 for any other change
 */
export async function changePod(
  host: Host,
  view: PodView,
  { wanted, locate, manifest }: { wanted: Pod; locate?: Locate; manifest?: Pod },
): Promise<AppliedPod> {
  const { record } = view;
  const update = classifyUpdate(record.pod, wanted);
  if (update.update === "forbidden") throw forbidden(record.name, update.message, update.fields, locate);
  if (update.update === "unchanged") {
    if (manifest)
      updatePod(podPaths(host.paths, record), (now) => ({ ...now, applied: appliedNames(manifest) }));
    return { what: "unchanged", images: [], volumes: [], failures: [] };
  }
  const images = update.images.length > 0 ? await changeImages(host, view, imagesOf(wanted, update)) : [];
  if (update.resources.length > 0)
    await changeResources(host, view, (spec) => withResources(spec, wanted.spec));
  const after = updatePod(podPaths(host.paths, record), (now) => taken(now, wanted, { update, manifest }));
  if (!after) throw removedMeanwhile(record.name);
  return { what: "configured", images, ...refreshed(host, view, after) };
}

function imagesOf({ spec }: Pod, { images }: Allowed): Map<string, string> {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return new Map(
    all
      .filter(({ name }) => images.includes(name))
      .map(({ name, image }): [string, string] => [name, image ?? ""]),
  );
}

function withResources(spec: PodSpec, wanted: PodSpec | undefined): PodSpec {
  const taken = (list: "containers" | "initContainers") =>
    (spec[list] ?? []).map((one, index) => {
      const resources = wanted?.[list]?.[index]?.resources;
      return resources ? { ...one, resources } : one;
    });
  return {
    ...spec,
    containers: taken("containers"),
    ...(spec.initContainers ? { initContainers: taken("initContainers") } : {}),
  };
}

/** The record with what may be taken over as it is. */
function taken(
  record: PodRecord,
  wanted: Pod,
  { update, manifest }: { update: Allowed; manifest: Pod | undefined },
): PodRecord {
  const { labels: _l, annotations: _a, ...metadata } = record.pod.metadata ?? {};
  const { labels, annotations } = wanted.metadata ?? {};
  const spec = {
    ...record.pod.spec,
    ...Object.fromEntries(update.fields.map((name) => [name, wanted.spec?.[name]])),
  };
  return {
    ...record,
    ...(manifest ? { applied: appliedNames(manifest) } : {}),
    pod: {
      ...record.pod,
      metadata: { ...metadata, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
      ...(record.pod.spec ? { spec: spec as NonNullable<Pod["spec"]> } : {}),
    },
  };
}

function forbidden(name: string, message: string, fields: string[], locate: Locate | undefined): TspodError {
  const [first] = fields;
  const changed = fields.length > 0 ? `${fields.join(", ")} differ${fields.length === 1 ? "s" : ""}: ` : "";
  return new TspodError({
    code: "TS3453",
    message: `The Pod ${JSON.stringify(name)} is invalid: ${message}`,
    hint: `${changed}\`tspod run -d --replace FILE\` makes the pod anew`,
    exitCode: ExitCode.invalid,
    ...(first !== undefined && locate ? { position: locate(first) } : {}),
  });
}
