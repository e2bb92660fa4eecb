import type { Pod } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { PodView } from "../../pod/view.ts";
import { stripDefaults } from "./strip-defaults.ts";

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
  const { apiVersion, kind, metadata, status: _, ...rest } = object as StoredObject & { status?: unknown };
  const { name, namespace, ...more } = metadata;
  const inDefault = namespace === "default" && !defaults;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(inDefault ? {} : { namespace }), ...withoutServerFields(more) },
    ...rest,
  };
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
