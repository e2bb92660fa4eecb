import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { singular } from "../../manifest/resource.ts";
import * as workloads from "../../workload/index.ts";
import type { Context } from "../context.ts";
import { namespaceOf, openPods, type Pods } from "../pods.ts";
import { table } from "../render/table.ts";
import { type NamedWorkload, namedWorkloads } from "./named.ts";
import { tend } from "./tend.ts";

const POLL_MS = 100;

interface One extends NamedWorkload {
  at: { namespace: string; name: string };
  /** `deployment.apps/web` */
  shown: string;
}

/** Opens the host and names what is meant; nothing is done yet. */
async function begin(context: Context, words: readonly string[]): Promise<{ pods: Pods; wanted: One[] }> {
  const namespace = namespaceOf(context);
  const wanted = namedWorkloads(words).map(({ kind, name }) => ({
    kind,
    name,
    at: { namespace, name },
    shown: `${singular(kind)}/${name}`,
  }));
  for (const { kind } of wanted) workloads.refuseUnlessRolling(kind);
  return { pods: await openPods(context), wanted };
}

export async function restart(context: Context, words: readonly string[]): Promise<number> {
  const { pods, wanted } = await begin(context, words);
  for (const { kind, at, shown } of wanted) {
    workloads.restartRollout(pods.host, kind, at);
    context.out(`${shown} restarted\n`);
  }
  await tend(context, pods);
  return 0;
}

export async function pause(context: Context, words: readonly string[], paused: boolean): Promise<number> {
  const { pods, wanted } = await begin(context, words);
  const done = paused ? "paused" : "resumed";
  for (const { kind, name, at, shown } of wanted) {
    if (kind !== "Deployment") throw onlyDeployments(kind);
    if (!workloads.pauseRollout(pods.host, at, paused))
      throw new TspodError({
        code: "TS3488",
        message: `deployments.apps "${name}" is ${paused ? "already paused" : "not paused"}`,
        exitCode: ExitCode.conflict,
      });
    context.out(`${shown} ${done}\n`);
  }
  await tend(context, pods);
  return 0;
}

const onlyDeployments = (kind: string): TspodError =>
  new TspodError({
    code: "TS3487",
    message: `a ${kind} cannot be paused: only deployments can`,
    hint: "spec.updateStrategy.rollingUpdate.partition holds back the pods of a statefulset",
    exitCode: ExitCode.invalid,
  });

export async function undo(
  context: Context,
  words: readonly string[],
  { toRevision = 0 }: { toRevision?: number },
): Promise<number> {
  const { pods, wanted } = await begin(context, words);
  for (const { kind, at, shown } of wanted) {
    const changed = workloads.undoRollout(pods.host, kind, at, toRevision);
    const skipped = `skipped rollback (current template already matches revision ${toRevision})`;
    context.out(`${shown} ${changed ? "rolled back" : skipped}\n`);
  }
  await tend(context, pods);
  return 0;
}

export async function history(
  context: Context,
  words: readonly string[],
  { revision }: { revision?: number },
): Promise<number> {
  const { pods, wanted } = await begin(context, words);
  for (const { kind, at, shown } of wanted) {
    const past = workloads.rolloutHistory(pods.host, kind, at);
    if (revision === undefined) {
      const rows = past.map(({ number, changeCause }) => [String(number), changeCause ?? "<none>"]);
      context.out(`${shown} \n${table([["REVISION", "CHANGE-CAUSE"], ...rows])}\n`);
      continue;
    }
    const found = past.find(({ number }) => number === revision);
    if (!found)
      throw new TspodError({
        code: "TS3488",
        message: `unable to find the specified revision ${revision}`,
        hint: `there are: ${past.map(({ number }) => number).join(", ")}`,
        exitCode: ExitCode.notFound,
      });
    const { describeTemplate } = await import("../render/describe-workload.ts");
    const { changeCause } = found;
    const template = found.labelled ?? found.template;
    const annotations = {
      ...template.metadata?.annotations,
      ...(changeCause === undefined ? {} : { "kubernetes.io/change-cause": changeCause }),
    };
    const metadata = {
      ...template.metadata,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
    const text = describeTemplate({ ...template, metadata });
    context.out(`${shown} with revision #${revision}\n${text}\n`);
  }
  return 0;
}

export async function status(
  context: Context,
  words: readonly string[],
  flags: { watch?: boolean; timeout?: number },
): Promise<number> {
  const { pods, wanted } = await begin(context, words);
  const deadline = flags.timeout === undefined ? undefined : Date.now() + flags.timeout;
  for (const one of wanted) await rolledOut(context, pods, one, { deadline, watch: flags.watch !== false });
  return 0;
}

/** Says each step once. @throws TspodError TS3488 when it gets no further, TS3410 at the deadline */
async function rolledOut(
  context: Context,
  { host }: Pods,
  { kind, at }: One,
  { deadline, watch }: { deadline: number | undefined; watch: boolean },
): Promise<void> {
  let said = "";
  for (;;) {
    const object = workloads.withStatusNow(host, workloads.readWorkload(host, kind, at));
    if (!workloads.isRolling(object)) return;
    const { message, done, failed } = workloads.rolloutStatus(object);
    if (failed)
      throw new TspodError({
        code: "TS3488",
        message,
        hint: `tspod describe ${kind.toLowerCase()} ${at.name}`,
      });
    if (message !== said) context.out(`${message}\n`);
    said = message;
    if (done || !watch) return;
    if (deadline !== undefined && Date.now() >= deadline)
      throw new TspodError({
        code: "TS3410",
        message: `timed out waiting for ${kind.toLowerCase()} "${at.name}"; it goes on`,
        hint: `tspod describe ${kind.toLowerCase()} ${at.name}`,
        exitCode: ExitCode.timeout,
      });
    await sleep(POLL_MS);
  }
}
