import type { TspodError } from "../errors/tspod-error.ts";
import type { PodView } from "../pod/view.ts";
import type { Host } from "../runtime/host.ts";
import type { Context } from "./context.ts";
import { refuseLeftBehind } from "./left-behind.ts";
import { patiently } from "./patience.ts";
import type { Pods } from "./pods.ts";

export interface RemovalFlags {
  /** Kill at once. */
  force?: boolean;
  /** Seconds between TERM and KILL. */
  gracePeriod?: number;
}

type Remove = (
  host: Host,
  view: PodView,
  options: { force: boolean; graceSeconds?: number },
) => Promise<TspodError[]>;

/** Removes a pod, telling of it when that takes long; what is then said of it. Throws when something of it could not be taken away. */
export async function removeOne(
  context: Context,
  { core, host }: Pods,
  view: PodView,
  { force = false, gracePeriod }: RemovalFlags,
  remove: Remove = core.removePod,
): Promise<string> {
  const removal = remove(host, view, {
    force,
    ...(gracePeriod === undefined ? {} : { graceSeconds: gracePeriod }),
  });
  const left = await patiently(context, view, { graceSeconds: force ? 0 : gracePeriod }, removal);
  refuseLeftBehind(view, "removed", left);
  return `pod "${view.record.name}" deleted\n`;
}
