import { setTimeout as sleep } from "node:timers/promises";
import type { WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { changeOwner } from "./change-owner.ts";
import { ownedPods } from "./delete.ts";
import { operationsOf } from "./operations.ts";
import { controllerOf } from "./owner.ts";
import { summarize } from "./pod-summary.ts";
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
    const { uid } = object.metadata;
    for (const one of storedWorkloads(host).filter((other) => controllerOf(other)?.uid === uid))
      updateStored(host, one, (now) => {
        const { ownerReferences = [], ...metadata } = now.metadata;
        const others = ownerReferences.filter((owner) => owner.uid !== uid);
        return {
          object: {
            ...now,
            metadata: { ...metadata, ...(others.length > 0 ? { ownerReferences: others } : {}) },
          },
        };
      });
    const pods = ownedPods(host, object).map(summarize);
    changeOwner(
      host,
      object,
      pods.filter(({ owner }) => owner === uid),
      { adopt: false },
    );
    removeStored(host, object);
  } finally {
    operations.leave();
  }
}
