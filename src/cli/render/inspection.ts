import type { ContainerStatus } from "../../manifest/index.ts";
import { lastAttempt } from "../../pod/last-attempt.ts";
import { podWithStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";

/**
 * The pod as the API has it, with what only tspod knows added: `.status.infra` (the holder) and, in each container's
 * status, its `pid`, `monitorPid`, `startTime` and `cgroup`.
 */
export function inspection(view: PodView): unknown {
  const pod = podWithStatus(view);
  const { sandbox } = view;
  const status = pod.status ?? {};
  return {
    ...pod,
    status: {
      ...status,
      ...(status.initContainerStatuses
        ? { initContainerStatuses: withProcess(view, status.initContainerStatuses) }
        : {}),
      ...(status.containerStatuses ? { containerStatuses: withProcess(view, status.containerStatuses) } : {}),
      infra: {
        ...(sandbox.infra ? { pid: sandbox.infra.pid, startTime: sandbox.infra.startTime } : {}),
        alive: view.infraAlive,
        phase: sandbox.phase,
        namespaces: sandbox.namespaces,
        cgroup: sandbox.cgroup,
        ports: sandbox.ports,
      },
    },
  };
}

function withProcess(view: PodView, statuses: readonly ContainerStatus[]): unknown[] {
  return statuses.map((status) => ({ ...status, ...processOf(view, status.name) }));
}

function processOf(view: PodView, name: string) {
  const last = lastAttempt(view, name);
  if (!last) return {};
  const { record, alive } = last;
  return {
    ...(alive && record.process ? { pid: record.process.pid, startTime: record.process.startTime } : {}),
    ...(alive && record.monitor ? { monitorPid: record.monitor.pid } : {}),
    cgroup: record.cgroup,
  };
}
