import type { Container, EphemeralContainer, PodObject, PodSpec } from "../../manifest/index.ts";
import { applyDefaults } from "../../manifest/index.ts";
import type { PodRecord } from "../../state/record.ts";

/** What a copy lacks unless it is asked for. */
export type Kept = "labels" | "annotations" | "livenessProbe" | "readinessProbe" | "startupProbe";

export interface CopyOptions {
  /** The name of the copy. */
  name: string;
  /** What is added, or takes the place of one of its name. */
  container?: EphemeralContainer;
  /** Changes to a container that is there: another command, a terminal. */
  existing?: { name: string; command: readonly string[]; stdin: boolean; tty: boolean; image?: string };
  /** Images by container; `*` for all. */
  images: ReadonlyMap<string, string>;
  shareProcesses: boolean;
  keep: ReadonlySet<Kept>;
}

/**
 * A pod like another, to look into while that one goes on: without labels, so that nothing takes it for the other, and
 * without probes, so that nothing restarts what is being looked at (kubectl debug --copy-to).
 */
export function copyOf({ pod, namespace }: PodRecord, options: CopyOptions): PodObject {
  const { ephemeralContainers: _e, nodeName: _n, ...spec } = structuredClone(pod.spec ?? { containers: [] });
  const { labels, annotations } = pod.metadata ?? {};
  const { keep } = options;
  const kept = {
    ...(labels && keep.has("labels") ? { labels } : {}),
    ...(annotations && keep.has("annotations") ? { annotations } : {}),
  };
  const containers = spec.containers.map((one) => changed(one, options));
  const { container } = options;
  const copy: PodSpec = {
    ...spec,
    ...(spec.initContainers
      ? { initContainers: spec.initContainers.map((one) => changed(one, options)) }
      : {}),
    containers: container ? [...containers, regular(container)] : containers,
    ...(options.shareProcesses ? { shareProcessNamespace: true } : {}),
  };
  return applyDefaults({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: options.name, namespace, ...kept },
    spec: copy,
  });
}

function changed(container: Container, { existing, images, keep }: CopyOptions): Container {
  const { livenessProbe, readinessProbe, startupProbe, ...rest } = container;
  const probes = {
    ...(livenessProbe && keep.has("livenessProbe") ? { livenessProbe } : {}),
    ...(readinessProbe && keep.has("readinessProbe") ? { readinessProbe } : {}),
    ...(startupProbe && keep.has("startupProbe") ? { startupProbe } : {}),
  };
  const image = images.get(container.name) ?? images.get("*");
  const one: Container = { ...rest, ...probes, ...(image ? { image } : {}) };
  if (existing?.name !== container.name) return one;
  const { args, command, ...bare } = one;
  return {
    ...bare,
    // A command of one's own takes the place of the arguments, too.
    ...(existing.command.length > 0
      ? { command: [...existing.command] }
      : { ...(command ? { command } : {}), ...(args ? { args } : {}) }),
    ...(existing.image ? { image: existing.image } : {}),
    ...(existing.stdin ? { stdin: true } : {}),
    ...(existing.tty ? { tty: true } : {}),
  };
}

function regular({ targetContainerName: _, ...container }: EphemeralContainer): Container {
  return container as Container;
}
