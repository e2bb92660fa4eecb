import type { DeploymentObject } from "../manifest/index.ts";
import { type CountedSet, DESIRED, MAX, revisionOf } from "./revision-sets.ts";
import { shareOf } from "./share.ts";

export interface Fence {
  replicas: number;
  maxSurge: number;
  maxUnavailable: number;
}

/** How far a rolling update may go beyond and below the replicas; never neither. */
export function fenceOf({ spec }: DeploymentObject): Fence {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === "Recreate") return { replicas, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {};
  const surge = shareOf(maxSurge, replicas, "up");
  const unavailable = shareOf(maxUnavailable, replicas, "down");
  const neither = surge === 0 && unavailable === 0;
  return { replicas, maxSurge: surge, maxUnavailable: Math.min(neither ? 1 : unavailable, replicas) };
}

const sum = (sets: readonly CountedSet[], count: (set: CountedSet) => number): number =>
  sets.reduce((total, set) => total + count(set), 0);

/** One step of a rolling update: as many new pods as the surge allows, as few old ones as stay available. */
export function rollStep(current: CountedSet, old: readonly CountedSet[], fence: Fence): void {
  const all = [current, ...old];
  const { replicas, maxSurge, maxUnavailable } = fence;
  if (current.wanted > replicas) current.wanted = replicas;
  else if (current.wanted < replicas) {
    const room = replicas + maxSurge - sum(all, ({ wanted }) => wanted);
    current.wanted += Math.max(0, Math.min(room, replicas - current.wanted));
  }
  const minAvailable = replicas - maxUnavailable;
  const missing = Math.max(0, current.wanted - current.available);
  let spare = sum(all, ({ wanted }) => wanted) - minAvailable - missing;
  if (spare <= 0) return;
  const oldest = [...old].sort((a, b) => revisionOf(a.set) - revisionOf(b.set));
  // Pods that serve nobody go first: a broken rollout must not keep a mended one waiting.
  for (const set of oldest) {
    const broken = Math.max(0, Math.min(spare, set.wanted - set.available));
    set.wanted -= broken;
    spare -= broken;
  }
  let idle = sum(all, ({ available }) => available) - minAvailable;
  for (const set of oldest) {
    const ended = Math.max(0, Math.min(idle, set.wanted));
    set.wanted -= ended;
    idle -= ended;
  }
}

/** The strategy Recreate: nothing new before the last of the old has ended. */
export function recreateStep(
  current: CountedSet | undefined,
  old: readonly CountedSet[],
  fence: Fence,
): boolean {
  for (const set of old) set.wanted = 0;
  if (old.some(({ alive }) => alive > 0)) return false;
  if (current) current.wanted = fence.replicas;
  return true;
}

/** Whether the number of replicas was changed since the sets were last brought to it. */
export const isScaling = (sets: readonly CountedSet[], { replicas }: Fence): boolean =>
  sets.some(({ set, wanted }) => {
    const desired = set.metadata.annotations?.[DESIRED];
    return wanted > 0 && desired !== undefined && Number(desired) !== replicas;
  });

/** Brings a changed number of replicas to the sets: to one, or in the middle of an update to each in proportion. */
export function scaleStep(
  current: CountedSet | undefined,
  old: readonly CountedSet[],
  fence: Fence,
  rolling: boolean,
): void {
  const all = [...(current ? [current] : []), ...old];
  const running = all.filter(({ wanted }) => wanted > 0);
  if (running.length <= 1) {
    const only = running[0] ?? current;
    if (only) only.wanted = fence.replicas;
    return;
  }
  if (!rolling) return;
  const total = sum(all, ({ wanted }) => wanted);
  const allowed = fence.replicas > 0 ? fence.replicas + fence.maxSurge : 0;
  const toAdd = allowed - total;
  // The largest first: what rounding leaves over is theirs. Of equal ones the newest grow and the oldest shrink first.
  const newer = toAdd > 0 ? 1 : -1;
  const bySize = [...running].sort(
    (a, b) => b.wanted - a.wanted || newer * (revisionOf(b.set) - revisionOf(a.set)),
  );
  let left = toAdd;
  for (const set of bySize) {
    const before = Number(set.set.metadata.annotations?.[MAX] ?? total) || total;
    const share = Math.round((set.wanted * allowed) / before) - set.wanted;
    const part = toAdd > 0 ? Math.min(Math.max(0, share), left) : Math.max(Math.min(0, share), left);
    set.wanted = Math.max(0, set.wanted + part);
    left -= part;
  }
  const [largest] = bySize;
  if (largest) largest.wanted = Math.max(0, largest.wanted + left);
}
