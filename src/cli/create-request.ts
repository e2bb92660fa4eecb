import type { ImageProgress } from "../image/index.ts";
import type { CreateRequest } from "../pod/create.ts";
import type { PodEvent } from "../state/events.ts";
import type { Context } from "./context.ts";
import type { Manifests } from "./manifests.ts";
import { barProgress, plainProgress } from "./render/image-progress.ts";
import { printable } from "./render/printable.ts";
import type { RunFlags } from "./run-pods.ts";

/** What both ways of running ask of the pod layer. */
export function createRequest(
  context: Context,
  { configMaps, secrets, claims }: Manifests,
  { object, source }: Manifests["pods"][number],
  { quiet }: RunFlags,
): Omit<CreateRequest, "foreground" | "cancelled"> {
  return {
    pod: object,
    configMaps,
    secrets,
    claims,
    source: source.file,
    locate: (field) => source.position(field),
    warn: context.warn,
    onEvent: (event) => {
      if (!quiet && isNews(event)) context.err(`${printable(event.message)}\n`);
    },
    onImage: imageNews(context, quiet ?? false),
  };
}

/** The progress worth a line; what images do is told by `onImage`. */
function isNews({ type }: PodEvent): boolean {
  return type === "Warning";
}

/** Pulls are told, bar by bar on a terminal; that an image is there already is not. */
function imageNews(context: Context, quiet: boolean): (progress: ImageProgress) => void {
  const draw = process.stderr.isTTY ? barProgress(context.err) : plainProgress(context.err);
  let pulling = false;
  return (progress) => {
    if (progress.kind === "warning") context.warn(progress.message);
    pulling ||= progress.kind === "pulling" || progress.kind === "waiting";
    if (pulling && !quiet) draw(progress);
  };
}
