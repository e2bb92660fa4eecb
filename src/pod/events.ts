import type { Host } from "../runtime/host.ts";
import { appendEvent, type PodEvent } from "../state/events.ts";
import type { PodPaths } from "../state/paths.ts";
import type { ContainerKind } from "../state/record.ts";

const FIELDS: Record<ContainerKind, string> = {
  init: "initContainers",
  app: "containers",
  ephemeral: "ephemeralContainers",
};

/** Writes events of one pod, worded as the kubelet's are. */
export class EventRecorder {
  readonly #host: Host;
  readonly #paths: PodPaths;
  readonly #listener: ((event: PodEvent) => void) | undefined;

  constructor(host: Host, paths: PodPaths, listener?: (event: PodEvent) => void) {
    this.#host = host;
    this.#paths = paths;
    this.#listener = listener;
  }

  pod(type: PodEvent["type"], reason: string, message: string): void {
    this.#record({ type, reason, message, object: "" });
  }

  container(
    kind: ContainerKind,
    name: string,
    type: PodEvent["type"],
    reason: string,
    message: string,
  ): void {
    const field = FIELDS[kind];
    this.#record({ type, reason, message, object: `spec.${field}{${name}}` });
  }

  #record(event: Omit<PodEvent, "time">): void {
    const full = { time: this.#host.now().toISOString(), ...event };
    appendEvent(this.#paths.events, full);
    this.#listener?.(full);
  }
}
