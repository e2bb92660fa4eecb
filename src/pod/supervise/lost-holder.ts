import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessRef } from "../../kernel/kernel.ts";
import { isAlive } from "../../kernel/process-ref.ts";
import type { Host } from "../../runtime/host.ts";
import { processEnd } from "../await.ts";
import type { PodView } from "../view.ts";

/** An init that was killed is gone only when everything in its namespace is (ms). */
const DYING = 200;

/** The holder, if it is its end that has ended the containers. */
export async function lostHolder(host: Host, view: PodView): Promise<ProcessRef | undefined> {
  const { infra } = view.sandbox;
  if (!infra || !view.infraAlive) return infra;
  const killed = view.containers.some(({ attempts }) => attempts.at(-1)?.exit?.signal === 9);
  if (!view.record.pod.spec?.shareProcessNamespace || !killed) return undefined;
  const waited = new AbortController();
  await Promise.race([processEnd(host, infra, waited.signal), sleep(DYING)]);
  waited.abort();
  return isAlive(infra) ? undefined : infra;
}
