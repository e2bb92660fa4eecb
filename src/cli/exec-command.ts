import { loadAddon } from "../kernel/load-addon.ts";
import { chooseContainer } from "./container-choice.ts";
import type { Context } from "./context.ts";
import { joinPipes } from "./pipes.ts";
import { openPods, pick } from "./pods.ts";
import { joinTerminals, windowSize } from "./terminal.ts";

export interface ExecFlags {
  container?: string;
  stdin?: boolean;
  tty?: boolean;
  user?: string;
  workdir?: string;
  env?: string[];
}

/** `tspod exec`: runs the command and ends as it ended. */
export async function execCommand(
  context: Context,
  name: string,
  argv: string[],
  flags: ExecFlags,
): Promise<number> {
  const pods = await openPods(context);
  const view = pick(context, pods, name);
  const { container, notice } = chooseContainer(view.record.pod, flags.container);
  if (notice) context.err(notice);
  const { io, exited } = await pods.core.execIn(pods.host, view, {
    container,
    argv,
    stdin: flags.stdin ?? false,
    ...(wantsTerminal(context, flags) ? { tty: windowSize() } : {}),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(flags.workdir === undefined ? {} : { workingDir: flags.workdir }),
    ...(flags.env ? { env: flags.env.map(variable) } : {}),
  });
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
