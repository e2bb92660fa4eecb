import type { PodRecord } from "../state/record.ts";

/** Seconds between TERM and KILL, by the pod's manifest; the API's default for records of versions that filled in none. */
export function manifestGrace({ pod }: Pick<PodRecord, "pod">): number {
  return pod.spec?.terminationGracePeriodSeconds ?? 30;
}
