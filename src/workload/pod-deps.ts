import { createPod } from "../pod/create.ts";
import { unplaced } from "../pod/locate.ts";
import { viewPod } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import type { DriverDeps } from "./drive.ts";
import { removeShared } from "./remove-shared.ts";
import { isThere } from "./stored.ts";

/** Makes and removes pods in this process; whoever supervises detached pods takes over the new ones. */
export function podDeps(host: Host, warn: (message: string) => void): DriverDeps {
  return {
    now: () => host.now(),
    log: warn,
    async createPod(pod, owner) {
      const { namespace = "default" } = pod.metadata ?? {};
      const isOwned = () => isThere(host, owner, namespace);
      const source = `${owner.kind.toLowerCase()}/${owner.name}`;
      const session = await createPod(host, {
        pod,
        configMaps: [],
        secrets: [],
        source,
        foreground: false,
        settle: "sandbox",
        patient: true,
        locate: unplaced(source, "spec.template."),
        warn: (message) => warn(`pod ${pod.metadata?.name}: ${message}`),
        isWanted: isOwned,
      }).catch((error: unknown) => {
        if (isOwned()) throw error;
        return undefined;
      });
      session?.detach();
    },
    async removePod(uid) {
      const view = viewPod(host, uid);
      if (!view) return;
      const failures = await removeShared(host, view).catch((error: Error) => [error]);
      for (const failure of failures) warn(`pod ${view.record.name}: ${failure.message}`);
    },
  };
}
