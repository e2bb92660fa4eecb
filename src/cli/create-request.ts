import type { CreateRequest } from "../pod/create.ts";
import type { PodEvent } from "../state/events.ts";
import type { Context } from "./context.ts";
import type { Manifests } from "./manifests.ts";
import type { RunFlags } from "./run-pods.ts";

/** What both ways of running ask of the pod layer. */
export function createRequest(
  context: Context,
  { configMaps, secrets }: Manifests,
  { object, source }: Manifests["pods"][number],
  { quiet }: RunFlags,
): Omit<CreateRequest, "foreground" | "cancelled"> {
  return {
    pod: object,
    configMaps,
    secrets,
    source: source.file,
    locate: (field) => source.position(field),
    warn: context.warn,
    onEvent: (event) => {
      if (!quiet && isNews(event)) context.err(`${event.message}\n`);
    },
    onImage: (progress) => {
      if (progress.kind === "warning") context.warn(progress.message);
      else if (!quiet && (progress.kind === "pulling" || progress.kind === "waiting"))
        context.err(`${progress.message}\n`);
    },
  };
}

/** The progress worth a line; what images do is told by `onImage`. */
function isNews({ type }: PodEvent): boolean {
  return type === "Warning";
}
