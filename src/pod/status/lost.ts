import type { ContainerStateTerminated, ContainerStatus } from "../../manifest/index.ts";
import type { SandboxRecord } from "../../state/record.ts";

/** A container of a pod that is over and of which nothing is known, as the kubelet reports it: not waiting for ever. */
export function lostStatus(status: ContainerStatus, { reason, message }: SandboxRecord): ContainerStatus {
  return ended(status, {
    exitCode: 137,
    reason: reason ?? "ContainerStatusUnknown",
    message: message ?? "The container could not be located when the pod was terminated",
  });
}

/**
 * A container of a pod whose records the machine's restart has taken. Of its init containers
 * it is taken that they had run.
 */
export function forgottenStatus(
  kind: "init" | "app",
  status: ContainerStatus,
  sandbox: SandboxRecord,
): ContainerStatus {
  if (kind === "app" && sandbox.finalPhase === undefined) return lostStatus(status, sandbox);
  const message = "The machine was restarted since; when it ran is not known any more";
  const failed = kind === "app" && sandbox.finalPhase === "Failed";
  return ended(status, { exitCode: failed ? 137 : 0, reason: failed ? "Error" : "Completed", message });
}

function ended(status: ContainerStatus, terminated: ContainerStateTerminated): ContainerStatus {
  return { ...status, ready: terminated.exitCode === 0 && status.ready, state: { terminated } };
}
