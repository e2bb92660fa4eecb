import { podStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";
import { age } from "./age.ts";
import { stateWord } from "./container-state.ts";
import { portsText } from "./ports.ts";

export const INFRA_HEADINGS = ["POD", "CONTAINER", "PID", "STATUS", "RESTARTS", "AGE", "PORTS"];

/**
 * One row for the holder and one for each container: the processes a pod really is. Ports belong to the holder's
 * network.
 */
export function infraRows(view: PodView, now: Date): string[][] {
  const status = podStatus(view);
  const infra = view.sandbox.infra;
  const infraPid = infra && view.infraAlive ? String(infra.pid) : "<none>";
  const rows = [
    [
      view.record.name,
      "<infra>",
      infraPid,
      view.infraAlive ? "Running" : "Exited",
      "0",
      age(view.record.createdAt, now),
      portsText(view.sandbox.ports),
    ],
  ];
  for (const container of view.containers) {
    const last = container.attempts.at(-1);
    const list = container.kind === "init" ? status.initContainerStatuses : status.containerStatuses;
    const state = list?.find(({ name }) => name === container.name);
    const since = state?.state?.running?.startedAt ?? state?.state?.terminated?.startedAt;
    rows.push([
      view.record.name,
      container.kind === "init" ? `${container.name} (init)` : container.name,
      last?.alive && last.record.process ? String(last.record.process.pid) : "<none>",
      stateWord(state),
      String(state?.restartCount ?? 0),
      since ? age(since, now) : "<none>",
      "",
    ]);
  }
  return rows;
}
