import { constants } from "node:os";
import { TspodError } from "../../errors/tspod-error.ts";
import type { PodView } from "../../pod/view.ts";
import { signalNumber } from "../arguments.ts";
import { chooseContainer } from "../container-choice.ts";
import { forEachPod } from "../each-pod.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";
import { type WhichPods, whichPods } from "../which-pods.ts";

interface Flags extends WhichPods {
  container?: string;
  signal: number;
}

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "pods to signal")
    .option("-s, --signal <signal>", "name or number", signalNumber, constants.signals.SIGKILL)
    .option("-c, --container <name>", "only this container")
    .option("--all", "all pods of the namespace that run")
    .option("-l, --selector <labels>", "only pods with these labels")
    .option("-A, --all-namespaces", "with --all or -l: of every namespace")
    .action(
      act(async (context, names: string[], flags: Flags) => {
        const pods = await openPods(context);
        return forEachPod(context, pods, whichPods(context, pods, names, flags), async (view) => {
          // Of those that nobody named, what has ended is not to be killed.
          if (names.length === 0 && !view.containers.some(isRunning)) return undefined;
          const container = flags.container && chooseContainer(view.record.pod, flags.container).container;
          refuseEnded(view, container);
          await pods.core.killPod(pods.host, view, {
            signal: flags.signal,
            ...(container ? { container } : {}),
          });
          const what = container
            ? `container "${container}" of pod "${view.record.name}"`
            : `pod "${view.record.name}"`;
          return `${what}: ${signalName(flags.signal)} sent\n`;
        });
      }),
    );
  examples(
    command,
    ["sudo tspod kill web", "KILL to every container of the pod"],
    ["sudo tspod kill -s HUP -c nginx web", "one signal to one container's first process"],
  );
};

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}

function isRunning({ attempts }: PodView["containers"][number]): boolean {
  return attempts.at(-1)?.alive ?? false;
}

function refuseEnded(view: PodView, container: string | undefined): void {
  const running = view.containers.filter(isRunning);
  if (running.some(({ name }) => container === undefined || name === container)) return;
  throw new TspodError({
    code: "TS5301",
    message: container
      ? `container "${container}" of pod "${view.record.name}" is not running`
      : `no container of pod "${view.record.name}" is running`,
  });
}
