import type { Container, PodSpec } from "../manifest/index.ts";
import { qosClass } from "../manifest/qos.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import type { CgroupHost } from "./host.ts";
import { oomScoreAdj } from "./oom-score.ts";

/**
 * The op that sets the container's oom_score_adj (to run while still root). A process without
 * CAP_SYS_RESOURCE may only raise it: where Kubernetes wants less than we have ourselves, ours stays and a
 * warning says so.
 */
export function oomScoreOps(
  spec: PodSpec,
  container: Container,
  host: CgroupHost,
): { ops: ContainerOp[]; warnings: string[] } {
  const wanted = oomScoreAdj(spec, container, host.memoryBytes);
  if (wanted < host.oomScoreAdj && !host.sysResource) {
    const message =
      `container ${container.name}: oom_score_adj ${wanted} (QoS class ${qosClass(spec)}) needs CAP_SYS_RESOURCE, ` +
      `which this root lacks; it stays at ${host.oomScoreAdj}`;
    return { ops: [], warnings: [message] };
  }
  if (wanted === host.oomScoreAdj) return { ops: [], warnings: [] };
  return { ops: [{ op: "proc-write", path: "self/oom_score_adj", data: String(wanted) }], warnings: [] };
}
