import { TspodError } from "../../errors/tspod-error.ts";
import { applyDefaults, type ManifestObject } from "../../manifest/index.ts";
import { parseManifests } from "../../manifest/parse.ts";
import { changePod } from "../../pod/apply-pod.ts";
import type { PlainObject } from "../../pod/index.ts";
import type { Refreshed } from "../../pod/refresh.ts";
import type { Pods } from "../pods.ts";
import type { Target } from "../targets.ts";

/** What came of an edited text: what is wrong with it, or what it has changed. */
export type Saved = { problems: string[] } | ({ what: string } & Refreshed);

/** Checks an edited object as a manifest, and applies it as `apply` does. */
export async function saveEdited(
  pods: Pods,
  target: Target,
  { text, file }: { text: string; file: string },
): Promise<Saved> {
  const { objects, problems } = parseManifests([{ name: file, text }], {});
  if (problems.length > 0) return { problems: problems.map(({ message }) => message) };
  const [edited, ...more] = objects;
  if (!edited || more.length > 0) return { problems: ["there must be one object"] };
  const moved = identityChange(target, edited);
  if (moved) return { problems: [moved] };
  try {
    return await apply(pods, target, edited);
  } catch (error) {
    if (error instanceof TspodError) return { problems: [error.message] };
    throw error;
  }
}

async function apply(pods: Pods, target: Target, edited: ManifestObject): Promise<Saved> {
  const { core, host } = pods;
  if (target.kind === "Pod" && edited.kind === "Pod") {
    const { ephemeralContainers } = target.view.record.pod.spec ?? {};
    const wanted = applyDefaults(edited.object);
    if (ephemeralContainers) wanted.spec = { ...wanted.spec, ephemeralContainers };
    return changePod(host, target.view, { wanted, locate: edited.source.position });
  }
  switch (edited.kind) {
    case "ConfigMap":
    case "Secret":
    case "PersistentVolumeClaim":
    case "Service":
      return core.applyObject(host, edited.object as PlainObject);
    case "Pod":
      return { problems: ["At least one of apiVersion, kind and name was changed"] };
    default: {
      const { applyWorkload } = await import("../../workload/index.ts");
      const { what } = applyWorkload(host, edited.object);
      return { what, volumes: [], failures: [] };
    }
  }
}

function identityChange(target: Target, { kind, object }: ManifestObject): string | undefined {
  const namespace = target.kind === "Pod" ? target.view.record.namespace : target.object.metadata.namespace;
  const { metadata } = object;
  const same = kind === target.kind && metadata.name === target.name && metadata.namespace === namespace;
  return same ? undefined : "At least one of apiVersion, kind and name was changed";
}
