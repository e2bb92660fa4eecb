import { isWorkload, type Pod } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { PodView } from "../../pod/view.ts";
import { stripDefaults, stripObjectDefaults } from "./strip-defaults.ts";

/** What only a server sets, and status. */
const SERVER_FIELDS = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "resourceVersion",
  "generation",
  "managedFields",
  "selfLink",
];

/** A pod as a manifest: what was asked for, not what became of it. */
export function podManifest({ record }: PodView, { defaults }: { defaults: boolean }): Pod {
  const { pod, name, namespace } = record;
  const { metadata, spec } = defaults ? pod : stripDefaults(pod);
  const { name: _n, namespace: _s, generateName: _g, ...rest } = metadata ?? {};
  const inDefault = namespace === "default" && !defaults;
  const { ephemeralContainers: _e, ...asked } = spec ?? { containers: [] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...(inDefault ? {} : { namespace }), ...withoutServerFields(rest) },
    spec: asked,
  };
}

/** A stored object as a manifest. */
export function objectManifest(object: StoredObject, { defaults }: { defaults: boolean }): object {
  const asked = withoutControllers(object);
  const short =
    !defaults && (isWorkload(asked) || asked.kind === "Service") ? stripObjectDefaults(asked) : asked;
  const { apiVersion, kind, metadata, status: _, ...rest } = short as StoredObject & { status?: unknown };
  const { name, namespace, ...more } = metadata;
  const inDefault = namespace === "default" && !defaults;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(inDefault ? {} : { namespace }), ...withoutServerFields(more) },
    ...rest,
  };
}

/** What controllers write into objects: none of it can be asked for. */
const CONTROLLERS = /^(deployment\.kubernetes\.io|deprecated\.daemonset\.template)\//;
const JOB_LABELS = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/;

function withoutControllers(object: StoredObject): StoredObject {
  const { annotations, ...metadata } = object.metadata;
  const kept = without(annotations, CONTROLLERS);
  const changed = structuredClone({
    ...object,
    metadata: { ...metadata, ...(kept ? { annotations: kept } : {}) },
  } as StoredObject);
  if (changed.kind !== "Job" || changed.spec.manualSelector) return changed;
  // The selector and its labels follow from the Job's own uid.
  delete changed.spec.selector;
  const template = changed.spec.template;
  const labels = without(template.metadata?.labels, JOB_LABELS);
  const { labels: _, ...rest } = template.metadata ?? {};
  const bare = { ...rest, ...(labels ? { labels } : {}) };
  const { metadata: __, ...spec } = template;
  changed.spec.template = Object.keys(bare).length > 0 ? { metadata: bare, ...spec } : spec;
  return changed;
}

function without(map: Record<string, string> | undefined, names: RegExp): Record<string, string> | undefined {
  const kept = Object.entries(map ?? {}).filter(([key]) => !names.test(key));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/**
 * The objects that came with the pod's file and are kept nowhere else: without them, the manifest would not run.
 */
export function ownObjects(
  { record }: PodView,
  isStored: (kind: string, at: { name: string; namespace: string }) => boolean,
): StoredObject[] {
  const all = [...record.configMaps, ...record.secrets, ...(record.claims ?? [])] as StoredObject[];
  return all.filter(({ kind, metadata }) => !isStored(kind, metadata));
}

function withoutServerFields<T extends object>(metadata: T): T {
  const kept = Object.entries(metadata).filter(([key]) => !SERVER_FIELDS.includes(key));
  return Object.fromEntries(kept) as T;
}
