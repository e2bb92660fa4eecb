import type { WorkloadObject } from "../manifest/index.ts";
import { deleteObject } from "../pod/object-store.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import { readObject, writeObject } from "../state/objects.ts";
import { apiTime, earliest } from "./clock.ts";
import { type Outcome, warning } from "./outcome.ts";
import { ownedBy } from "./owner.ts";
import type { Pass } from "./reconcile-one.ts";
import { updateStored, withEvents } from "./stored.ts";

/** Begins what a controller wants done, and writes down what it said. Gives the time to look again (ms). */
export function carryOut<W extends WorkloadObject>(
  pass: Pass,
  object: W,
  outcome: Outcome<W>,
): number | undefined {
  const { host, deps, clock, operations } = pass;
  const owner = object.metadata.uid ?? "";
  const failure = operations.failureOf(owner);
  const waits = failure !== undefined && clock.now < failure.retryAt;
  const create = waits ? [] : outcome.create;
  const events = outcome.events.filter(({ reason }) => !waits || reason !== "SuccessfulCreate");
  if (failure && !failure.told) {
    failure.told = true;
    events.unshift(warning("FailedCreate", `Error creating: ${failure.message}`));
  }
  // Before any pod: what the controller remembers must not be behind what there is.
  const known = updateStored(host, object, (now, memory) => ({
    object: { ...now, status: outcome.status },
    memory: withEvents(
      { ...memory, ...(outcome.memory === undefined ? {} : { own: outcome.memory }) },
      events,
      apiTime(clock.now),
    ),
  }));
  if (!known) return undefined;
  for (const { uid } of outcome.remove) operations.remove(uid, () => deps.removePod(uid));
  for (const claim of waits ? [] : (outcome.claims ?? []))
    withLock(networkLock(host), () => {
      if (readObject(host.paths, "PersistentVolumeClaim", claim.metadata)) return;
      const metadata = { ...claim.metadata, creationTimestamp: apiTime(clock.now) };
      writeObject(host.paths, { ...claim, metadata });
    });
  for (const name of outcome.releaseClaims ?? [])
    deleteObject(host, "PersistentVolumeClaim", { namespace: object.metadata.namespace, name });
  for (const pod of create) operations.create(owner, pod, () => deps.createPod(pod, ownedBy(object)));
  return earliest(outcome.requeueAt, waits && outcome.create.length > 0 ? failure.retryAt : undefined);
}
