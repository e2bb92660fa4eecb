import type { ContainerStatus } from "../../manifest/index.ts";
import { podStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";

/** What an exit code alone does not tell of how a pod ended, a sentence each. */
export function endNotes(view: PodView): string[] {
  const { initContainerStatuses = [], containerStatuses = [], reason, message } = podStatus(view);
  // An app container that has been started shows that the init containers did their work; sidecars end later, as they will.
  const initialised = view.containers.some(({ kind, attempts }) => kind !== "init" && attempts.length > 0);
  return [
    ...(reason ? [`pod "${view.record.name}" was ended (${reason})${message ? `: ${message}` : ""}`] : []),
    ...(initialised ? [] : initContainerStatuses.flatMap((status) => initNote(status) ?? [])),
    ...containerStatuses.flatMap((status) => appNote(view, status) ?? []),
  ];
}

function initNote({ name, state }: ContainerStatus): string | undefined {
  const end = state?.terminated;
  if (!end || end.exitCode === 0) return undefined;
  return `init container "${name}" ended with exit code ${end.exitCode} (${end.reason}): no app container was started`;
}

function appNote(view: PodView, { name, state }: ContainerStatus): string | undefined {
  const end = state?.terminated;
  if (end?.reason === "OOMKilled") {
    const limit = view.record.pod.spec?.containers.find((one) => one.name === name)?.resources?.limits
      ?.memory;
    const most = limit ? `its limit of ${limit}` : "the pod's limit";
    return `container "${name}" was killed (OOMKilled, exit code ${end.exitCode}): it needed more memory than ${most}`;
  }
  if (
    end?.reason === "ContainerStatusUnknown" &&
    view.containers.some((one) => one.name === name && one.attempts.length > 0)
  ) {
    return `container "${name}": ${end.message}`;
  }
  return undefined;
}
