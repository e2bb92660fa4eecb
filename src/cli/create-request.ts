import type { ImageProgress } from "../image/index.ts";
import type { Pod } from "../manifest/index.ts";
import { INFRA_ANNOTATION } from "../plan/infra.ts";
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
  { quiet, infraBin }: RunFlags,
): Omit<CreateRequest, "foreground" | "cancelled"> {
  return {
    pod: infraBin === undefined ? object : withInfra(object, infraBin),
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

function withInfra(pod: Pod, program: string): Pod {
  const metadata = pod.metadata ?? {};
  return {
    ...pod,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [INFRA_ANNOTATION]: program } },
  };
}
