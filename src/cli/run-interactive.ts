import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodView } from "../pod/view.ts";
import { LOG_BYTES, readLog } from "../runtime/logs/index.ts";
import { chooseContainer } from "./container-choice.ts";
import type { Context } from "./context.ts";
import type { PodSession } from "./core.ts";
import { targetsOf } from "./log-targets.ts";
import type { Manifests } from "./manifests.ts";
import type { Pods } from "./pods.ts";

export interface InteractiveFlags {
  stdin?: boolean;
  tty?: boolean;
}

/** The person at a pod that is run with `-i` or `-it`. */
export interface Interaction {
  /** Joins the container, once it is there; resolves when it has ended or was let go of. */
  begin(session: PodSession): Promise<void>;
  /** Nobody else prints what the container writes. */
  terminal: boolean;
}

/**
 * Gives the pod's container a standard input, and with `-t` a terminal, as `kubectl run` does; its input ends with ours.
 * Undefined when nobody asked. @throws TspodError TS3415 for several pods
 */
export function interaction(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  { stdin = false, tty = false }: InteractiveFlags,
): Interaction | undefined {
  if (!stdin && !tty) return undefined;
  if (!stdin) throw usage("-t is of use only with -i: a terminal needs input");
  const [manifest, ...more] = manifests.pods;
  if (!manifest || more.length > 0) throw usage("-i takes a single pod");
  const { container } = chooseContainer(manifest.object, undefined);
  const spec = manifest.object.spec.containers.find(({ name }) => name === container);
  if (spec) Object.assign(spec, { stdin: true, stdinOnce: true, ...(tty ? { tty } : {}) });
  const terminal = spec?.tty ?? false;
  return {
    terminal,
    begin: async (session) => {
      const { attachContainer } = await import("./attach/command.ts");
      const alive = () =>
        session
          .view()
          .containers.find(({ name }) => name === container)
          ?.attempts.at(-1)?.alive === true;
      // Of one that has ended already, attach prints all.
      const shown = terminal && alive() ? printSoFar(context, pods, session.view(), container) : 0;
      const flags = { container, stdin, tty, inputOnly: !terminal, shown };
      await attachContainer(context, pods, session.view(), flags);
      if (alive()) context.err(`let go of container ${container}; Ctrl-C stops the pod\n`);
    },
  };
}

/** Whole lines that the container has written before anybody could join it; returns how many. */
function printSoFar(context: Context, { host }: Pods, view: PodView, name: string): number {
  const container = view.containers.find((one) => one.name === name);
  const log = container && targetsOf(host, view, container).at(-1);
  const lines = log ? [...readLog(log.source, {})] : [];
  for (const { text } of lines) context.out(`${text}\n`, LOG_BYTES);
  return lines.length;
}

function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3415",
    message,
    hint: "tspod run -it pod.yaml; or run -d, and attach",
    exitCode: ExitCode.invalid,
  });
}
