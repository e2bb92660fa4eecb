import type { PodOutcome } from "../pod/index.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import type { PodSession } from "./core.ts";
import { createRequest } from "./create-request.ts";
import { LogStream, POLL_MS } from "./log-stream.ts";
import { type LogTarget, logTargets } from "./log-targets.ts";
import type { Manifests } from "./manifests.ts";
import { outcomeOf } from "./outcome.ts";
import type { Pods } from "./pods.ts";
import { releaseSessions } from "./release.ts";
import { endNotes } from "./render/end-notes.ts";
import { linePrinter } from "./render/log-lines.ts";
import { interaction } from "./run-interactive.ts";
import type { RunFlags } from "./run-pods.ts";
import { serviceNotify } from "./service-notify.ts";
import { StopRequests } from "./stop-requests.ts";

/** `run`: the pods live and die with this command; their logs are its output, their exit code is its own. */
export async function runForeground(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: RunFlags,
): Promise<number> {
  const sessions: PodSession[] = [];
  const ends: Promise<PodOutcome>[] = [];
  let keep = false;
  const requests = new StopRequests((force) => {
    if (!force)
      context.err(`stopping the ${manifests.pods.length === 1 ? "pod" : "pods"}; once more kills at once\n`);
    return stopAll(sessions, force);
  });
  const person = interaction(context, pods, manifests, flags);
  const follower = person?.terminal ? SILENCE : followLogs(context, pods, manifests);
  const service = await serviceNotify();
  try {
    for (const manifest of manifests.pods) {
      if (requests.cancelled.aborted) break;
      const session = await pods.core.createPod(pods.host, {
        ...createRequest(context, manifests, manifest, flags),
        foreground: true,
        cancelled: requests.cancelled,
      });
      sessions.push(session);
      // It lives from now on, however long the pods after it take to be made.
      const end = outcomeOf(pods.core, session);
      end.catch(() => {});
      ends.push(end);
    }
    // Asked to stop while pods were being made: the request found no session of the last one.
    if (requests.cancelled.aborted) await stopAll(sessions, requests.forced);
    service.whenReady(sessions);
    const joined = Promise.all(sessions.map((session) => person?.begin(session)));
    const outcomes = await Promise.all(ends);
    // The terminal is put back before anything else is printed.
    await joined;
    follower.finish();
    if (!requests.cancelled.aborted) {
      for (const { view } of outcomes) for (const note of endNotes(view)) context.warn(note);
    }
    keep = flags.rm === false;
    const exitCode = outcomes.map((outcome) => outcome.exitCode).find((code) => code !== 0) ?? 0;
    const complete = sessions.length === manifests.pods.length && sessions.every(hasRun);
    return exitCode === 0 && !complete ? requests.exitCode : exitCode;
  } finally {
    service.stopping();
    follower.finish();
    await releaseSessions(pods, sessions, { remove: !keep });
    requests.close();
  }
}

/** A terminal shows what is written to it. */
const SILENCE = { finish() {} };

/** Every app container was started at least once. */
function hasRun(session: PodSession): boolean {
  return session.view().containers.every(({ kind, attempts }) => kind === "init" || attempts.length > 0);
}

async function stopAll(sessions: readonly PodSession[], force: boolean): Promise<void> {
  await Promise.all(sessions.map((session) => session.stop(force ? { graceSeconds: 0 } : {})));
}

/** Prints logs from now on, also while init containers run and the pod is still being made. */
function followLogs(context: Context, pods: Pods, manifests: Manifests): { finish(): void } {
  const begun = context.now().toISOString();
  const several = manifests.pods.length > 1;
  const label = ({ pod, container }: LogTarget) => (several ? `${pod}/${container}` : container);
  const labels = manifests.pods.flatMap(({ object: { metadata, spec } }) =>
    [...(spec.initContainers ?? []), ...spec.containers].map((container) =>
      label({ pod: metadata.name, container: container.name } as LogTarget),
    ),
  );
  const print = linePrinter(context, labels);
  const stream = new LogStream((target, line) => print(label(target), line));
  const views = ourPods(pods, manifests, begun);
  const look = () => {
    stream.update(views().flatMap((view) => logTargets(pods.host, view)));
    stream.poll();
  };
  const timer = setInterval(look, POLL_MS);
  return {
    finish() {
      clearInterval(timer);
      look();
    },
  };
}

/** Finds the pods of these manifests that this command makes; looks through all pods only until it knows them. */
function ourPods({ host, core }: Pods, manifests: Manifests, begun: string): () => PodView[] {
  const wanted = new Set(
    manifests.pods.map(({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}`),
  );
  const uids = new Set<string>();
  return () => {
    if (uids.size < wanted.size) {
      for (const { record } of core.listPods(host)) {
        const isOurs = record.createdAt >= begun && wanted.has(`${record.namespace}/${record.name}`);
        if (isOurs) uids.add(record.uid);
      }
    }
    return [...uids].flatMap((uid) => core.viewPod(host, uid) ?? []);
  };
}
