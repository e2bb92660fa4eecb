import { CommanderError } from "commander";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { leave } from "./leave.ts";
import { buildProgram, isCommand, type Outcome } from "./program.ts";
import { renderError } from "./render/error.ts";
import { type ColorMode, styleFor } from "./render/style.ts";
import { commandIndex, spelled } from "./spelling.ts";

/** Runs one command line to its end; the exit code is the process's. */
async function main(argv: string[]): Promise<number> {
  const outcome: Outcome = { exitCode: 0, context: undefined };
  try {
    let words = spelled(argv);
    const word = words[2 + commandIndex(words.slice(2))] ?? "help";
    if (!isCommand(word)) {
      (await import("./elsewhere.ts")).refuseElsewhere(word);
      // Help for what is no command is none: without the flag, it is said so.
      if (word !== "help") words = words.filter((one) => !/^(-h|--help)$/.test(one));
    } else if (word === "run" && words.some((one) => one.startsWith("--image")))
      (await import("./elsewhere.ts")).refuseRunOfImage(words);
    await buildProgram(outcome).parseAsync(words);
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.invalid;
    const style = outcome.context?.errStyle ?? styleFor(colorOf(argv), process.stderr, process.env);
    const { text, exitCode } = renderError(error, style, Boolean(process.env.TSPOD_DEBUG));
    process.stderr.write(text);
    return exitCode;
  } finally {
    writeTimings(outcome);
  }
}

function writeTimings({ context }: Outcome): void {
  try {
    context?.timings?.finish();
  } catch (error) {
    context?.warn(`the timings could not be written: ${(error as Error).message}`);
  }
}

/** The exit code; of a reader who has gone, nothing is to be said. */
function toldOfLost(error: NodeJS.ErrnoException): number {
  if (error.code === "EPIPE") return ExitCode.ok;
  const said = outputLost(error);
  const style = styleFor(colorOf(process.argv), process.stderr, process.env);
  process.stderr.write(renderError(said, style, false).text);
  return said.exitCode;
}

function outputLost(cause: NodeJS.ErrnoException): TspodError {
  return new TspodError({
    code: "TS1007",
    message: "nothing more can be written to standard output",
    hint: "what was asked for may be done all the same, and only the telling is missing",
    cause,
    ...(cause.code ? { errno: cause.code } : {}),
    ...(cause.syscall ? { syscall: cause.syscall } : {}),
  });
}

/** For errors before the options are parsed. */
function colorOf(argv: string[]): ColorMode {
  const given = argv.find((word) => word.startsWith("--color="))?.slice("--color=".length);
  return given === "always" || given === "never" ? given : "auto";
}

// `tspod logs x | head`: the reader has seen enough. A full disk is no reason to be silent. A command that owns a pod
// listens for this itself.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount("error") > 1) return;
  process.exit(toldOfLost(error));
});

/** A pipe takes what it has room for; what is still to be written would be lost with the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) return resolve();
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}

// Where even errors cannot be written there is nobody to tell.
process.stderr.on("error", () => {});

main(process.argv).then(async (exitCode) => {
  await Promise.all([written(process.stdout), written(process.stderr)]);
  // What the last write met is told only after this.
  const lost = process.stdout.errored;
  leave(exitCode === ExitCode.ok && lost ? toldOfLost(lost) : exitCode);
});
