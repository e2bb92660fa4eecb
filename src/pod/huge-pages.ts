import { join } from "node:path";
import { podResources } from "../cgroup/resources.ts";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { type PodSpec, quantityInUnits } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import type { PodRecord } from "../state/record.ts";
import type { Locate } from "./locate.ts";
import { listPods } from "./views.ts";

const PREFIX = "hugepages-";

/** The kernel's folder of each page size: `hugepages-2048kB`. */
const KERNEL_FOLDER = "/sys/kernel/mm/hugepages";

/**
 * Refuses a pod whose huge pages this machine does not have, as the kubelet's admission does: huge pages are set aside by
 * the administrator, and what other pods may use is taken. Throws TS3120.
 */
export function refuseMissingHugePages(host: Host, record: PodRecord, locate: Locate): void {
  const wanted = hugePagesOf(record.pod.spec);
  if (wanted.size === 0) return;
  const others = listPods(host).filter(
    ({ record: { uid }, sandbox }) => uid !== record.uid && sandbox.phase !== "stopped" && !sandbox.fresh,
  );
  for (const [resource, requested] of wanted) {
    const used = others.reduce((sum, pod) => sum + (hugePagesOf(pod.record.pod.spec).get(resource) ?? 0), 0);
    const capacity = capacityOf(host, resource);
    if (used + requested <= capacity) continue;
    const page = kilobytes(resource);
    throw new TspodError({
      code: "TS3120",
      message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
      hint: `set pages aside: \`echo ${Math.ceil((used + requested) / 1024 / page)} > ${join(KERNEL_FOLDER, `${PREFIX}${page}kB`, "nr_hugepages")}\``,
      exitCode: ExitCode.hostNotAble,
      position: locate(fieldOf(record.pod.spec, resource)),
    });
  }
}

/** Bytes by resource name. */
function hugePagesOf(spec: PodSpec | undefined): Map<string, number> {
  const { limits } = podResources(spec ?? { containers: [] });
  return new Map(Object.entries(limits).filter(([name, bytes]) => name.startsWith(PREFIX) && bytes > 0));
}

function kilobytes(resource: string): number {
  return Number(quantityInUnits(resource.slice(PREFIX.length), "one")) / 1024;
}

function capacityOf(host: Host, resource: string): number {
  const page = kilobytes(resource);
  const pages = host.kernel.readFile(join(KERNEL_FOLDER, `${PREFIX}${page}kB`, "nr_hugepages"));
  return Number(pages ?? 0) * page * 1024;
}

function fieldOf(spec: PodSpec | undefined, resource: string): string {
  const containers = spec?.containers ?? [];
  const index = containers.findIndex(({ resources }) => resources?.limits?.[resource] !== undefined);
  return index < 0 ? "spec" : `spec.containers[${index}].resources.limits`;
}
