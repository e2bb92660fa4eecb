import { shortDigest } from "../../image/digest.ts";
import type { ImageProgress } from "../../image/progress.ts";
import { humanBytes } from "./image-bytes.ts";

type LayerProgress = ImageProgress & { kind: "layer" };

const BAR = 30;
const REDRAW_MS = 80;

const WORDS: Record<LayerProgress["phase"], string> = {
  waiting: "Waiting for another command",
  downloading: "Downloading",
  downloaded: "Downloaded",
  verifying: "Verifying",
  unpacking: "Unpacking",
  done: "Complete",
  present: "Already present",
};

/** Tells a pull's progress line by line, for what is no terminal: a line a layer and phase, none for parts of it. */
export function plainProgress(write: (text: string) => void): (progress: ImageProgress) => void {
  const said = new Map<string, string>();
  return (progress) => {
    if (progress.kind !== "layer")
      return void (progress.kind !== "warning" && write(`${progress.message}\n`));
    if (said.get(progress.digest) === progress.phase) return;
    said.set(progress.digest, progress.phase);
    write(
      `${shortDigest(progress.digest)}: ${WORDS[progress.phase]}${progress.phase === "downloading" ? ` ${humanBytes(progress.total)}` : ""}\n`,
    );
  };
}

/** Draws one bar a layer on a terminal, in place, no more often than an eye can follow. */
export function barProgress(
  write: (text: string) => void,
  now: () => number = Date.now,
): (progress: ImageProgress) => void {
  const layers = new Map<string, LayerProgress>();
  let drawn = 0;
  let last = 0;
  return (progress) => {
    if (progress.kind !== "layer") {
      if (progress.kind === "warning") return;
      write(`${progress.message}\n`);
      // What stands above the message is done with: the next image has bars of its own.
      layers.clear();
      drawn = 0;
      return;
    }
    const before = layers.get(progress.digest);
    layers.set(progress.digest, progress);
    if (before?.phase === progress.phase && now() - last < REDRAW_MS) return;
    last = now();
    const up = drawn > 0 ? `\x1b[${drawn}A` : "";
    write(`${up}${[...layers.values()].map((layer) => `\x1b[2K${line(layer)}\n`).join("")}`);
    drawn = layers.size;
  };
}

function line({ digest, phase, done, total }: LayerProgress): string {
  const head = `${shortDigest(digest)}: ${WORDS[phase]}`;
  if (phase !== "downloading") return head;
  const full = total === 0 ? BAR : Math.min(BAR, Math.floor((done / total) * BAR));
  return `${head} [${"=".repeat(full)}${full < BAR ? ">" : ""}${" ".repeat(Math.max(0, BAR - full - 1))}] ${humanBytes(done)}/${humanBytes(total)}`;
}
