import type { Host } from "../runtime/host.ts";
import { type ColorMode, type Style, styleFor } from "./render/style.ts";
import { renderWarning } from "./render/warning.ts";
import { type Timings, timingsTo } from "./timings.ts";

/** The options every command takes. */
export interface GlobalOptions {
  root?: string;
  namespace?: string;
  timings?: string;
  color: ColorMode;
}

/** What a command is given: its way to the terminal, and the host when it asks for it. */
export interface Context {
  global: GlobalOptions;
  out(text: string, encoding?: BufferEncoding): void;
  err(text: string, encoding?: BufferEncoding): void;
  /** Resolves when the reader of our output has taken enough of it; awaited between pieces of long output. */
  drained(): Promise<void>;
  warn(message: string): void;
  outStyle: Style;
  errStyle: Style;
  now(): Date;
  timings: Timings | undefined;
  /** Opens the host once; loads the native addon only then. */
  host(): Promise<Host>;
}

export function makeContext(global: GlobalOptions): Context {
  const outStyle = styleFor(global.color, process.stdout, process.env);
  const errStyle = styleFor(global.color, process.stderr, process.env);
  const timings = global.timings === undefined ? undefined : timingsTo(global.timings);
  const err = (text: string, encoding?: BufferEncoding) => void process.stderr.write(text, encoding);
  let host: Promise<Host> | undefined;
  return {
    global,
    out: (text, encoding) => void process.stdout.write(text, encoding),
    err,
    drained: drain(process.stdout),
    warn: (message) => err(renderWarning(message, errStyle)),
    outStyle,
    errStyle,
    now: () => new Date(),
    timings,
    host: () => (host ??= openHost(global, timings)),
  };
}

/** One wait for all: the logs of many containers are followed side by side. */
function drain(stream: NodeJS.WriteStream): () => Promise<void> {
  let waiting: Promise<void> | undefined;
  return async () => {
    if (!stream.writableNeedDrain) return;
    waiting ??= new Promise((resolve) => stream.once("drain", resolve));
    await waiting;
    waiting = undefined;
  };
}

async function openHost(global: GlobalOptions, timings: Timings | undefined): Promise<Host> {
  const { openHost: open } = await import("../runtime/open-host.ts");
  return open({
    ...(global.root === undefined ? {} : { root: global.root }),
    ...(timings ? { timing: timings.record } : {}),
  });
}
