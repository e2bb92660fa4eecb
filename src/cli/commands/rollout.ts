import type { Command } from "commander";
import { count, duration } from "../arguments.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  const actions = () => import("../workloads/rollout.ts");
  const about = "deployment/NAME, statefulset/NAME, daemonset/NAME; or KIND NAME…";
  const sub = (name: string, says: string): Command =>
    command.command(`${name} <workloads...>`).description(says).usage(`[options] <workloads...>  (${about})`);
  sub("status", "wait until the pods are as the workload now wants them, and say how far it is")
    .option("-w, --watch", "wait (the default)")
    .option("--no-watch", "only say how far it is")
    .option("--timeout <duration>", "give up waiting: 30s, 5m (exit code 124)", duration)
    .action(
      act(async (context, words: string[], flags: { watch?: boolean; timeout?: number }) =>
        (await actions()).status(context, words, flags),
      ),
    );
  sub("restart", "replace all pods, as the update strategy has it").action(
    act(async (context, words: string[]) => (await actions()).restart(context, words)),
  );
  sub("history", "list the templates that a workload has had")
    .option("--revision <number>", "show the template of this revision", count)
    .action(
      act(async (context, words: string[], flags: { revision?: number }) =>
        (await actions()).history(context, words, flags),
      ),
    );
  sub("undo", "go back to the template before, or to a revision")
    .option("--to-revision <number>", "the revision (default: the one before)", count)
    .action(
      act(async (context, words: string[], flags: { toRevision?: number }) =>
        (await actions()).undo(context, words, flags),
      ),
    );
  sub("pause", "hold the rollout of deployments: changes are kept, and carried out when resumed").action(
    act(async (context, words: string[]) => (await actions()).pause(context, words, true)),
  );
  sub("resume", "let paused deployments roll out").action(
    act(async (context, words: string[]) => (await actions()).pause(context, words, false)),
  );
  examples(
    command,
    ["sudo tspod rollout status deployment/web", "wait until the new pods serve"],
    ["sudo tspod rollout restart deploy web", "new pods in place of all there are"],
    ["sudo tspod rollout history deployment/web", "its revisions"],
    ["sudo tspod rollout pause deployment/web", "changes wait"],
    ["sudo tspod rollout resume deployment/web", "and are carried out together"],
    ["sudo tspod rollout undo deployment/web --to-revision=1", "back to one of them"],
  );
};
