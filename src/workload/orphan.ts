import { setTimeout as sleep } from "node:timers/promises";
import type { WorkloadObject } from "../manifest/index.ts";
import { listPods } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import { changeOwner } from "./change-owner.ts";
import { operationsOf } from "./operations.ts";
import { isOf, withOwner } from "./owner.ts";
import { removeStored, storedWorkloads, updateStored } from "./stored.ts";

/** Between two looks whether another process still makes pods (ms). */
const POLL = 20;

/**
 * Removes the object alone: what it controls is nobody's from now on and lives on, until another finds it by its labels.
 * Nobody else acts for workloads meanwhile: pods without their object would be taken for its leavings.
 */
export async function orphanWorkload(host: Host, object: WorkloadObject): Promise<void> {
  const operations = operationsOf(host);
  while (!operations.enter()) await sleep(POLL);
  try {
    const isOurs = isOf(object);
    for (const one of storedWorkloads(host).filter(isOurs))
      updateStored(host, one, (now) => ({
        object: { ...now, metadata: withOwner(now.metadata, object, { adopt: false }) },
      }));
    const pods = listPods(host).map(({ record }) => record);
    changeOwner(
      host,
      object,
      pods.filter(({ pod }) => isOurs(pod)),
      { adopt: false },
    );
    removeStored(host, object);
  } finally {
    operations.leave();
  }
}
