import type { Host } from "../runtime/host.ts";
import type { ContainerKind, ContainerRecord } from "../state/record.ts";
import { containerSpec } from "./container-spec.ts";
import type { HandlerTarget } from "./handler/target.ts";
import type { PodView } from "./view.ts";

/** What probes and hooks of an attempt are given; undefined when the manifest has no such container any more. */
export function handlerTarget(
  host: Host,
  { record, sandbox }: PodView,
  { kind, attempt }: { kind: ContainerKind; attempt: ContainerRecord },
): HandlerTarget | undefined {
  const container = containerSpec(record, { kind, name: attempt.name });
  if (!container) return undefined;
  const podIP = sandbox.ip || (record.pod.spec?.hostNetwork ? sandbox.hostIP : "");
  return { host, pod: record, podIP, container, attempt };
}
