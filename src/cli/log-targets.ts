import type { ContainerView, PodView } from "../pod/view.ts";
import type { Host } from "../runtime/host.ts";
import type { LogSource } from "../runtime/logs/index.ts";
import { attemptPaths, podPaths } from "../state/paths.ts";

/** The log of one attempt of one container. */
export interface LogTarget {
  /** Unique among pods, containers and attempts. */
  key: string;
  pod: string;
  container: string;
  source: LogSource;
  /** Nobody will write to it any more. */
  ended: boolean;
}

/** The logs of all attempts there have been, in the order of the manifest. */
export function logTargets(host: Host, view: PodView): LogTarget[] {
  return view.containers.flatMap((container) => targetsOf(host, view, container));
}

export function targetsOf(host: Host, view: PodView, container: ContainerView): LogTarget[] {
  const pod = podPaths(host.paths, view.record);
  return container.attempts.map(({ record, exit, alive }) => {
    const paths = attemptPaths(pod, container.name, record.attempt);
    const creating = view.sandbox.phase === "creating" && record.startedAt === undefined && !record.error;
    return {
      key: `${view.record.uid}/${container.name}/${record.attempt}`,
      pod: view.record.name,
      container: container.name,
      source: { directory: paths.logDirectory, name: paths.logName },
      ended: exit !== undefined || (!alive && !creating),
    };
  });
}
