import { LOG_BYTES, type LogLine } from "../../runtime/logs/index.ts";
import { nameColour, type Style } from "./style.ts";

interface Output {
  out(text: string, encoding?: BufferEncoding): void;
  err(text: string, encoding?: BufferEncoding): void;
  outStyle: Style;
  errStyle: Style;
}

/**
 * Prints lines with `name |` before each, names aligned and coloured; what a container wrote to stderr goes to
 * ours. What a container writes are bytes; the names before it are ASCII.
 */
export function linePrinter(output: Output, names: readonly string[]): (name: string, line: LogLine) => void {
  const width = Math.max(0, ...names.map((name) => name.length));
  return (name, { stream, text }) => {
    const [write, style] =
      stream === "stdout" ? [output.out, output.outStyle] : [output.err, output.errStyle];
    const head = style(nameColour(Math.max(0, names.indexOf(name))), `${name.padEnd(width)} |`);
    write(text === "" ? `${head}\n` : `${head} ${text}\n`, LOG_BYTES);
  };
}
