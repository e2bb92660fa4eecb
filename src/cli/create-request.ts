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
  };
}

/** The progress worth a line: warnings, and pulls, which take time. */
function isNews({ type, reason }: PodEvent): boolean {
  return type === "Warning" || reason === "Pulling";
}
