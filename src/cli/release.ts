import type { PodSession } from "./core.ts";
import { refuseLeftBehind } from "./left-behind.ts";
import type { Pods } from "./pods.ts";

/** Lets go of the pods of this command; with `remove`, nothing of them stays. */
export async function releaseSessions(
  { host, core }: Pods,
  sessions: readonly PodSession[],
  { remove }: { remove: boolean },
): Promise<void> {
  for (const session of sessions) {
    const view = session.view();
    session.detach({ going: remove });
    if (!remove || !view) continue;
    refuseLeftBehind(view, "removed", await core.removePod(host, view, { force: true }));
  }
}
