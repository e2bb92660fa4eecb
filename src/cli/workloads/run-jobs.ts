import type { JobObject } from "../../manifest/index.ts";
import { ForegroundJob } from "../../workload/foreground-job.ts";
import type { Context } from "../context.ts";
import type { PodSession } from "../core.ts";
import { createRequest } from "../create-request.ts";
import { LogStream, POLL_MS } from "../log-stream.ts";
import { type LogTarget, logTargets } from "../log-targets.ts";
import type { Manifests } from "../manifests.ts";
import type { Pods } from "../pods.ts";
import { releaseSessions } from "../release.ts";
import { linePrinter } from "../render/log-lines.ts";
import type { RunFlags } from "../run-pods.ts";
import { StopRequests } from "../stop-requests.ts";

/** `run` of Jobs in the foreground: they and their pods are this command's, and go with it. */
export async function runJobs(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: RunFlags,
): Promise<number> {
  const sessions: PodSession[] = [];
  const requests = new StopRequests(async (force) => {
    if (!force) context.err("stopping the job; once more kills at once\n");
    await Promise.all(sessions.map((session) => session.stop(force ? { graceSeconds: 0 } : {})));
  });
  const jobs = manifests.workloads.map(({ object, source }) => {
    const locate = (field: string) => source.position(`spec.template.${field}`);
    return new ForegroundJob(pods.host, object as JobObject, {
      async create(pod) {
        const manifest = {
          kind: "Pod" as const,
          object: pod,
          source: { file: source.file, position: locate },
        };
        const request = createRequest(context, manifests, manifest, flags);
        const session = await pods.core.createPod(pods.host, {
          ...request,
          foreground: true,
          settle: "sandbox",
          cancelled: requests.cancelled,
        });
        sessions.push(session);
        return session;
      },
      say: (message) => context.err(`${message}\n`),
    });
  });
  const follower = follow(context, pods, sessions, {
    several: jobs.length > 1 || jobs.some(({ parallel }) => parallel),
    containers: jobs.flatMap(({ containers }) => containers),
  });
  try {
    const codes = await Promise.all(jobs.map((job) => job.run(requests.cancelled)));
    follower.finish();
    if (requests.cancelled.aborted) return requests.exitCode;
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    follower.finish();
    await releaseSessions(pods, sessions, { remove: flags.rm !== false });
    requests.close();
  }
}

function follow(
  context: Context,
  { host }: Pods,
  sessions: readonly PodSession[],
  { several, containers }: { several: boolean; containers: readonly string[] },
) {
  const label = ({ pod, container }: LogTarget) => (several ? `${pod}/${container}` : container);
  // Pods get their names on the way: each new one takes the next colour.
  const labels = several ? [] : [...containers];
  const print = linePrinter(context, labels);
  const stream = new LogStream((target, line) => {
    const name = label(target);
    if (!labels.includes(name)) labels.push(name);
    print(name, line);
  });
  const look = () => {
    stream.update(sessions.flatMap((session) => logTargets(host, session.view())));
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
