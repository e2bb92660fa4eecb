import { TspodError } from "../errors/tspod-error.ts";
import type { WorkloadObject } from "../manifest/index.ts";
import { deleteObject } from "../pod/object-store.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import { readObject, writeObject } from "../state/objects.ts";
import { apiTime, earliest } from "./clock.ts";
import { type NewPod, normal, type Outcome, type WorkloadEvent, warning } from "./outcome.ts";
import { ownedBy } from "./owner.ts";
import type { Pass } from "./reconcile-one.ts";
import { tellOf, updateStored, withEvents } from "./stored.ts";

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
  // Before any pod: what the controller remembers must not be behind what there is.
  const known = updateStored(host, object, (now, memory) => ({
    object: { ...now, status: outcome.status },
    memory: withEvents(
      { ...memory, ...(outcome.memory === undefined ? {} : { own: outcome.memory }) },
      outcome.events.filter(({ pod }) => pod === undefined),
      apiTime(clock.now),
    ),
  }));
  if (!known) return undefined;
  for (const { uid } of outcome.remove) operations.remove(uid, () => deps.removePod(uid));
  for (const claim of waits ? [] : (outcome.claims ?? [])) {
    const made = withLock(networkLock(host), () => {
      if (readObject(host.paths, "PersistentVolumeClaim", claim.metadata)) return false;
      const metadata = { ...claim.metadata, creationTimestamp: apiTime(clock.now) };
      writeObject(host.paths, { ...claim, metadata });
      return true;
    });
    if (made) tellOf(host, object, [claimed(object, claim.metadata.name, create)]);
  }
  for (const name of outcome.releaseClaims ?? []) release(pass, object.metadata.namespace, name);
  for (const pod of create) operations.create(owner, pod, () => make(pass, object, pod, outcome.events));
  return earliest(outcome.requeueAt, waits && outcome.create.length > 0 ? failure.retryAt : undefined);
}

/** One that another pod uses as well is kept as long as that. */
function release({ host }: Pass, namespace: string, name: string): void {
  try {
    deleteObject(host, "PersistentVolumeClaim", { namespace, name });
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
  }
}

function claimed({ metadata }: WorkloadObject, claim: string, pods: readonly NewPod[]): WorkloadEvent {
  const pod = pods.find((one) => claim.endsWith(`-${one.metadata.name}`))?.metadata.name ?? "";
  const message = `create Claim ${claim} Pod ${pod} in StatefulSet ${metadata.name} success`;
  return normal("SuccessfulCreate", message);
}

/** What became of a pod is told when it is known. */
async function make(
  { host, deps }: Pass,
  object: WorkloadObject,
  pod: NewPod,
  events: readonly WorkloadEvent[],
): Promise<void> {
  const { name } = pod.metadata;
  try {
    await deps.createPod(pod, ownedBy(object));
  } catch (error) {
    tellOf(host, object, [warning("FailedCreate", failedCreate(object, name, error as Error))]);
    throw error;
  }
  tellOf(
    host,
    object,
    events.filter((event) => event.pod === name),
  );
}

function failedCreate({ kind, metadata }: WorkloadObject, pod: string, { message }: Error): string {
  return kind === "StatefulSet"
    ? `create Pod ${pod} in StatefulSet ${metadata.name} failed error: ${message}`
    : `Error creating: ${message}`;
}
