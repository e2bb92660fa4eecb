import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { startDaemon } from "../daemon-start.ts";
import { forEachPod } from "../each-pod.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";

const POLL_MS = 20;

export const define: Define = (command, act) => {
  command.argument("<pods...>", "pods that are stopped").action(
    act(async (context, names: string[]) => {
      const pods = await openPods(context);
      const { core, host } = pods;
      return forEachPod(context, pods, names, async (view) => {
        const { uid, name } = view.record;
        const seen = core.readEvents(host, view).length;
        await core.startPod(host, view, { warn: context.warn });
        await startDaemon(host);
        for (;;) {
          const now = core.viewPod(host, uid);
          if (!now || now.sandbox.phase === "ready" || now.sandbox.phase === "stopped") break;
          const failed = core
            .readEvents(host, now)
            .slice(seen)
            .find(({ reason }) => reason === "FailedCreatePodSandBox");
          if (failed) throw cannotStart(name, failed.message);
          await sleep(POLL_MS);
        }
        context.out(`pod/${name} started\n`);
      });
    }),
  );
  examples(command, [
    "sudo tspod start web",
    "a pod that was stopped, or that a restart of the machine has ended",
  ]);
};

function cannotStart(name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3448",
    message: `pod "${name}" cannot be started yet: ${why}`,
    hint: `it is tried again; to give up: tspod stop ${name}`,
    exitCode: ExitCode.failure,
  });
}
