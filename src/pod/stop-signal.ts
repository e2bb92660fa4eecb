import { constants } from "node:os";
import { TspodError } from "../errors/tspod-error.ts";
import type { Container } from "../manifest/index.ts";

/** First and last realtime signal as programs count them (signal(7)). */
const RTMIN = 34;
const RTMAX = 64;

/** What asks the container to end: the manifest's `lifecycle.stopSignal`, else the image's, else TERM. */
export function stopSignalOf(container: Container, imageSignal: string | undefined): number {
  const wanted = container.lifecycle?.stopSignal ?? imageSignal;
  return wanted === undefined || wanted === "" ? constants.signals.SIGTERM : signalNumber(wanted);
}

/** `TERM`, `SIGTERM`, `15`, `RTMIN+3`. Throws TS3107 for anything else. */
export function signalNumber(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number <= RTMAX) return number;
    throw unknown(text);
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (realtime) {
    const base = realtime[1] === "MIN" ? RTMIN : RTMAX;
    const number = base + (realtime[2] === "-" ? -1 : 1) * Number(realtime[3] ?? 0);
    if (number >= RTMIN && number <= RTMAX) return number;
    throw unknown(text);
  }
  const number = constants.signals[`SIG${name}` as NodeJS.Signals];
  if (number === undefined) throw unknown(text);
  return number;
}

function unknown(text: string): TspodError {
  return new TspodError({
    code: "TS3107",
    message: `${JSON.stringify(text)} is not a signal`,
    hint: "use a name or a number of signal(7): TERM, SIGINT, 9, RTMIN+3",
    exitCode: 2,
  });
}
