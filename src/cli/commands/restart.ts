import { Option } from "commander";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { PodView } from "../../pod/view.ts";
import { seconds } from "../arguments.ts";
import { forEachPod } from "../each-pod.ts";
import { refuseLeftBehind } from "../left-behind.ts";
import { patiently } from "../patience.ts";
import { examples, openPods, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { startAgain } from "../start-again.ts";

interface Flags {
  gracePeriod?: number;
  init?: boolean;
}

/** Stopped, it would be removed by the command that runs it. */
function goesWithItsCommand({ record: { name } }: PodView): TspodError {
  return new TspodError({
    code: "TS3450",
    message: `pod "${name}" is run in the foreground of another command, and goes when it is stopped: nothing was done`,
    hint: "end that command, and `tspod run -d` the pod",
    exitCode: ExitCode.conflict,
  });
}

export const define: Define = (command, act) => {
  command
    .argument("<pods...>", "pods to stop, if they run, and to start again")
    .addOption(
      new Option(
        "--init",
        "run only the init containers again, in order; containers and sidecars go on untouched",
      ).conflicts("gracePeriod"),
    )
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .action(
      act(async (context, words: string[], { gracePeriod, init }: Flags) => {
        const names = withoutKind(words);
        const pods = await openPods(context);
        const { core, host } = pods;
        if (init) {
          const { restartInit } = await import("../restart-init.ts");
          return forEachPod(context, pods, names, (view) => restartInit(context, pods, view));
        }
        return forEachPod(context, pods, names, async (view) => {
          if (view.record.foreground) throw goesWithItsCommand(view);
          const grace = gracePeriod === undefined ? {} : { graceSeconds: gracePeriod };
          if (view.sandbox.phase !== "stopped") {
            const stop = core.stopPod(host, view, grace);
            refuseLeftBehind(view, "stopped", await patiently(context, view, grace, stop));
          }
          const stopped = () => core.viewPod(host, view.record.uid) ?? view;
          await startAgain(context, pods, stopped(), { shared: true }).catch((error: unknown) => {
            if (stopped().sandbox.phase === "stopped")
              context.err(`pod "${view.record.name}" is stopped now\n`);
            throw error;
          });
          return `pod/${view.record.name} restarted\n`;
        });
      }),
    );
  examples(
    command,
    ["sudo tspod restart web", "init containers and all; uid, volumes and logs stay"],
    ["sudo tspod restart --init web", "only these, for what they bring: a new release beside its server"],
  );
  command.addHelpText(
    "after",
    "\nWith --init the exit code is that of an init container that fails; the containers go on all the same.",
  );
};
