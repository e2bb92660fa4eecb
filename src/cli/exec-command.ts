import { TspodError } from "../errors/tspod-error.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { podStatus } from "../pod/status.ts";
import type { PodView } from "../pod/view.ts";
import { chooseContainer } from "./container-choice.ts";
import type { Context } from "./context.ts";
import { pickPod } from "./pick-pod.ts";
import { joinPipes } from "./pipes.ts";
import { openPods } from "./pods.ts";
import { age } from "./render/age.ts";
import { joinTerminals, windowSize } from "./terminal.ts";

export interface ExecFlags {
  container?: string;
  detach?: boolean;
  stdin?: boolean;
  tty?: boolean;
  quiet?: boolean;
  user?: string;
  workdir?: string;
  env?: string[];
}

/** `exec web sh -c 'echo a'`: the command's -c is taken for ours. */
const HINT = "flags of the command to run come after --: tspod exec POD -c CONTAINER -- sh -c '…'";

/** `tspod exec`: runs the command and ends as it ended; detached, as soon as it runs. */
export async function execCommand(
  context: Context,
  name: string,
  argv: string[],
  flags: ExecFlags,
): Promise<number> {
  const pods = await openPods(context);
  const view = await pickPod(context, pods, name);
  const { container, notice } = chooseContainer(view.record.pod, flags.container, HINT);
  if (notice && !flags.quiet) context.err(notice);
  refuseEnded(view, container);
  const { io, exited } = await pods.core.execIn(pods.host, view, {
    container,
    argv,
    stdin: flags.stdin ?? false,
    detached: flags.detach ?? false,
    ...(wantsTerminal(context, flags) ? { tty: windowSize() } : {}),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(flags.workdir === undefined ? {} : { workingDir: flags.workdir }),
    ...(flags.env ? { env: flags.env.map(variable) } : {}),
  });
  if (flags.detach) return 0;
  if ("console" in io) {
    const { console } = io;
    const setSize = ({ rows, columns }: { rows: number; columns: number }) =>
      loadAddon().setWinsize(console, rows, columns);
    await joinTerminals({ console, setSize, exited });
  } else {
    await joinPipes({ ...io, exited });
  }
  const { code, signal } = await exited;
  return signal > 0 ? 128 + signal : code;
}

/** A container that has ended is told from one that was never started. */
function refuseEnded(view: PodView, container: string): void {
  const { initContainerStatuses = [], containerStatuses = [] } = podStatus(view);
  const status = [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
  const end = status?.state?.terminated;
  if (!end) return;
  const when = end.finishedAt ? `, ${age(end.finishedAt, new Date())} ago` : "";
  const why = end.message ? `: ${end.message}` : "";
  throw new TspodError({
    code: "TS5301",
    message: `container "${container}" of pod ${view.record.name} is not running: it ended with exit code ${end.exitCode} (${end.reason}${when})${why}`,
    hint: `tspod logs ${view.record.name} -c ${container}`,
  });
}

/** As kubectl: a terminal needs input, and input that is one. */
function wantsTerminal(context: Context, { stdin, tty }: ExecFlags): boolean {
  if (!tty) return false;
  if (stdin && process.stdin.isTTY) return true;
  context.err(
    stdin
      ? "Unable to use a TTY - input is not a terminal or the right kind of file\n"
      : "A terminal (-t) is of use only with its input (-i): going on without\n",
  );
  return false;
}

/** `NAME=value`; `NAME` alone passes ours on. */
function variable(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, process.env[text] ?? ""] : [text.slice(0, at), text.slice(at + 1)];
}
