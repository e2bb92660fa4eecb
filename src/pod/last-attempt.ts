import type { AttemptView, PodView } from "./view.ts";

/** Undefined when there is no such container, or it was never created. */
export function lastAttempt(
  { containers }: Pick<PodView, "containers">,
  container: string,
): AttemptView | undefined {
  return containers.find(({ name }) => name === container)?.attempts.at(-1);
}

/** Its number; -1 when there is none. */
export function lastNumber(view: Pick<PodView, "containers">, container: string): number {
  return lastAttempt(view, container)?.record.attempt ?? -1;
}
