import { readListeners } from "../kernel/listeners.ts";
import { hostPorts } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import type { PodRecord } from "../state/record.ts";
import { checkHostPaths } from "./host-paths.ts";
import { refuseBusyPorts } from "./host-ports.ts";
import { refuseMissingHugePages } from "./huge-pages.ts";
import { checkInfraProgram } from "./infra-program.ts";
import type { Locate } from "./locate.ts";
import { refuseTakenClaims } from "./sole-claims.ts";
import { listPods } from "./views.ts";

/** What a pod needs of this machine and shares with others: paths, ports, huge pages, claims. Throws the first it lacks. */
export function checkHost(host: Host, record: PodRecord, locate: Locate): void {
  const pods = () => listPods(host);
  checkHostPaths(record.pod, locate);
  checkInfraProgram(record.pod, locate);
  refuseMissingHugePages(host, record, locate);
  const wanted = hostPorts(record.pod.spec ?? { containers: [] });
  refuseBusyPorts(record, wanted, { listeners: readListeners, pods, locate });
  refuseTakenClaims(record, { pods, locate });
}

/**
 * What two pods may have found free at the same time, looked at again where they stand in line: under the network's lock.
 * Those behind are named already, and have nothing yet. (A host port is refused by the rule that it becomes.)
 */
export function checkInLine(host: Host, record: PodRecord, locate: Locate): void {
  const pods = () => listPods(host).filter(({ sandbox }) => sandbox.cgroup !== "");
  refuseTakenClaims(record, { pods, locate });
}
