import type { Container, PodSpec } from "../../manifest/index.ts";
import type { AttemptView } from "../view.ts";
import { nextBackoff, type Run, restartDelay, unhealthyDelay } from "./backoff.ts";
import type { ContainerRef, Kill, NextInput, Start, Waiting } from "./next.ts";
import { isSidecar } from "./restart-policy.ts";

/** When a container that has ended, and is to be started again, has its turn: now, or after its back-off. */
export function nextStart(
  ref: ContainerRef,
  {
    container,
    last,
    before,
    now,
    seconds,
  }: {
    container: Container;
    last: AttemptView;
    /** The attempt before that. */
    before: AttemptView | undefined;
    now: number;
    seconds(count: number): number;
  },
): Start | Waiting {
  const isAnother = last.record.startedAt !== undefined && last.record.image !== container.image;
  // A kubelet counts by what the container is: another image is held to nothing that the one before has done.
  if (isAnother) return { ...ref, backoff: nextBackoff(0) };
  const run = runOf(last);
  const delay = last.record.unhealthy
    ? unhealthyDelay(run, before && runOf(before), seconds)
    : restartDelay(run, seconds);
  const until = run.finishedAt + seconds(delay);
  if (until > now) return { ...ref, until, delay };
  if (!last.record.unhealthy) return { ...ref, backoff: nextBackoff(delay) };
  return { ...ref, backoff: before ? nextBackoff(run.backoff) : 0 };
}

/** Without an exit record the attempt counts as one that ended as soon as it began. */
function runOf({ record, exit }: AttemptView): Run {
  const startedAt = Date.parse(record.startedAt ?? record.createdAt);
  const finishedAt = exit ? Date.parse(exit.finishedAt) : Date.parse(record.error?.at ?? record.createdAt);
  return { startedAt, finishedAt, backoff: record.backoff ?? 0 };
}

/** Why a running container may not go on, in the kubelet's words. */
export function runningKill(
  spec: PodSpec,
  container: Container,
  {
    name,
    kind,
    last,
    unhealthy,
  }: ContainerRef & { last: AttemptView; unhealthy: NextInput["unhealthy"] | undefined },
): Kill | undefined {
  const sidecar = isSidecar(container, kind);
  const who = kind === "init" ? `Init container ${name}` : `Container ${name}`;
  // Sidecars always are, and the kubelet does not say so.
  const again = (restarts: boolean) => (restarts && !sidecar ? ", will be restarted" : "");
  const { startedAt, image } = last.record;
  if ((kind === "app" || sidecar) && startedAt !== undefined && image !== container.image)
    return { name, kind, message: `${who} definition changed${again(true)}`, replace: true };
  const verdict = unhealthy?.get(name);
  if (!verdict) return undefined;
  const { probe, graceSeconds } = verdict;
  const restarts = (container.restartPolicy ?? spec.restartPolicy) !== "Never";
  return {
    name,
    kind,
    message: `${who} failed ${probe} probe${again(restarts)}`,
    replace: false,
    unhealthy: true,
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
  };
}
