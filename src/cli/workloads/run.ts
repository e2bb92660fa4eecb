import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { JobObject, WorkloadKind } from "../../manifest/index.ts";
import { isOver, isRolling, readWorkload, rolloutStatus, withStatusNow } from "../../workload/index.ts";
import type { Context } from "../context.ts";
import type { Manifests } from "../manifests.ts";
import type { Pods } from "../pods.ts";
import { runDetached } from "../run-detached.ts";
import type { RunFlags } from "../run-pods.ts";
import { deleteOne } from "./delete.ts";
import { runJobs } from "./run-jobs.ts";
import { storeAll } from "./store.ts";
import { tend } from "./tend.ts";

const POLL_MS = 100;

/** `run` of files that hold workloads: in the background for the daemon, or Jobs in the foreground. */
export async function runWorkloads(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: RunFlags,
): Promise<number> {
  const detached = flags.detach || flags.wait || flags.waitFor !== undefined;
  if (!detached) {
    refuseForeground(manifests);
    return runJobs(context, pods, manifests, flags);
  }
  if (flags.replace)
    for (const { object } of manifests.workloads)
      context.out((await deleteOne(context, pods, object, { ignoreNotFound: true })) ?? "");
  await storeAll(context, pods, manifests, { create: true });
  await tend(context, pods);
  const code = manifests.pods.length > 0 ? await runDetached(context, pods, manifests, flags) : 0;
  const until = flags.waitFor ?? (flags.wait ? "complete" : undefined);
  if (until === undefined) return code;
  return (await waitFor(context, pods, manifests, { until, timeout: flags.timeout })) || code;
}

/** What never ends has no place in the foreground, and pods beside Jobs would be started twice over. */
function refuseForeground({ workloads, pods }: Manifests): void {
  const lasting = workloads.find(({ object }) => object.kind !== "Job");
  const [first] = workloads;
  const culprit = lasting ?? (pods.length > 0 ? first : undefined);
  if (!culprit) return;
  const { kind, metadata } = culprit.object;
  throw new TspodError({
    code: "TS3486",
    message: lasting
      ? `${kind} "${metadata.name}" cannot run in the foreground: it makes pods as long as it is there. Nothing was created.`
      : `Job "${metadata.name}" and pod "${pods[0]?.object.metadata.name}" cannot share the foreground. Nothing was created.`,
    hint: "add -d to run it in the background; tspod logs and tspod get show it",
    exitCode: ExitCode.invalid,
    position: culprit.source.position("kind"),
  });
}

interface Wait {
  until: "complete" | "ready";
  /** Seconds. */
  timeout: number | undefined;
}

/** Jobs until they are over, the others until their pods are ready. */
async function waitFor(
  context: Context,
  { host }: Pods,
  { workloads }: Manifests,
  { until, timeout }: Wait,
): Promise<number> {
  const deadline = timeout === undefined ? undefined : context.now().getTime() + timeout * 1000;
  let exitCode = 0;
  for (const { object: given } of workloads) {
    const { kind, metadata } = given;
    if (kind === "CronJob" || (kind === "Job" && until === "ready")) continue;
    for (;;) {
      const object = withStatusNow(host, readWorkload(host, kind as WorkloadKind, metadata));
      if (object.kind === "Job" && isOver(object)) exitCode ||= hasFailed(object) ? ExitCode.failure : 0;
      if (object.kind === "Job" ? isOver(object) : !isRolling(object) || rolloutStatus(object).done) break;
      if (deadline !== undefined && context.now().getTime() >= deadline)
        throw new TspodError({
          code: "TS3410",
          message: `timed out waiting for ${kind.toLowerCase()} "${metadata.name}" to be ${until}; it goes on`,
          hint: `tspod describe ${kind.toLowerCase()} ${metadata.name}`,
          exitCode: ExitCode.timeout,
        });
      await sleep(POLL_MS);
    }
  }
  return exitCode;
}

const hasFailed = ({ status }: JobObject): boolean =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === "Failed" && value === "True");
