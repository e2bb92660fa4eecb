import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Style } from "./style.ts";

export interface RenderedError {
  text: string;
  exitCode: number;
}

/** The one place where errors become text and an exit code. `debug` adds the trace of an unexpected one. */
export function renderError(thrown: unknown, style: Style, debug: boolean): RenderedError {
  if (thrown instanceof TspodError)
    return { text: renderExpected(thrown, style, debug), exitCode: thrown.exitCode };
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const machine = machineFault(error);
  if (machine) return { text: renderExpected(machine, style, debug), exitCode: machine.exitCode };
  const trace = debug ? `${shortTrace(error)}\n` : "";
  const help = debug
    ? ""
    : `  ${style("cyan", "help:")} set TSPOD_DEBUG=1 to see where, and please report it\n`;
  return {
    text: `${style("red", "internal error")}: ${error.message}\n${trace}${help}`,
    exitCode: ExitCode.internal,
  };
}

/** What the machine has run out of, by errno: whichever call meets it, it is no bug of tspod's. */
const EXHAUSTED: Readonly<Record<string, string>> = {
  ENOSPC: "remove what is not needed: `tspod rm` works on a full disk too",
  EDQUOT: "remove what is not needed: `tspod rm` works on a full disk too",
  EROFS: "tspod writes below --root, by default /run/tspod, /var/lib/tspod and /var/log/pods",
  EMFILE: "raise the limit of open files: ulimit -n",
  ENFILE: "raise fs.file-max",
  ENOMEM: "end what uses the memory",
};

function machineFault(error: NodeJS.ErrnoException): TspodError | undefined {
  const hint = EXHAUSTED[error.code ?? ""];
  if (hint === undefined) return undefined;
  return new TspodError({ code: "TS4401", message: error.message, hint, cause: error });
}

function renderExpected(error: TspodError, style: Style, debug: boolean): string {
  const lines = [`${style("red", `error[${error.code}]`)}${style("bold", `: ${error.message}`)}`];
  const { position } = error;
  if (position) {
    const field = position.field ? `  (${position.field})` : "";
    // Of a pod that is there already only the file's name is known.
    const place = position.line === 0 ? "" : `:${position.line}:${position.column}`;
    lines.push(`  ${style("blue", "-->")} ${position.file}${place}${field}`);
  }
  if (error.step && !error.message.includes(error.step)) lines.push(`  at ${error.step}`);
  const cause = failedCall(error);
  if (cause && !error.message.includes(error.errno ?? "")) lines.push(`  ${cause}`);
  if (error.hint) {
    const [first, ...rest] = error.hint.split("\n");
    lines.push(`  ${style("cyan", "help:")} ${first}`, ...rest.map((line) => `        ${line}`));
  }
  for (const failed of error.cleanup) {
    const text = failed instanceof Error ? failed.message : String(failed);
    lines.push(`  ${style("yellow", "also:")} cleaning up failed: ${text}`);
  }
  if (error.cleanup.length > 0) lines.push(`  ${style("cyan", "help:")} tspod gc removes what is left`);
  if (debug) lines.push(shortTrace(error));
  return `${lines.join("\n")}\n`;
}

function failedCall({ errno, syscall, path }: TspodError): string | undefined {
  if (!errno) return undefined;
  return `${syscall ?? "system call"}${path ? ` on ${path}` : ""}: ${errno}`;
}

function shortTrace(error: Error): string {
  const own = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  const cause = error.cause instanceof Error ? [`  caused by ${error.cause.message}`] : [];
  return [...own.slice(0, 8), ...cause].join("\n");
}
