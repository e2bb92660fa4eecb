import type { Container } from "../../manifest/index.ts";
import type { AttemptView } from "../view.ts";

/** Running, and its startup probe, if there is one, has succeeded. */
export function isStarted(container: Container, attempt: AttemptView): boolean {
  if (!isRunning(attempt)) return false;
  return attempt.health?.started ?? container.startupProbe === undefined;
}

/** Started, and its readiness probe, if there is one, says so. */
export function isReady(container: Container, attempt: AttemptView): boolean {
  if (!isStarted(container, attempt)) return false;
  return container.readinessProbe === undefined || (attempt.health?.ready ?? false);
}

function isRunning({ alive, record }: AttemptView): boolean {
  return alive && record.startedAt !== undefined;
}
