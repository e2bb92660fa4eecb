import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../kernel/names-in.ts";
import { WORKLOAD_KINDS, type WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { objectFolder } from "../state/paths.ts";
import { podUids } from "../state/records.ts";
import { type DriverDeps, reconcileAll } from "./drive.ts";
import { podDeps } from "./pod-deps.ts";
import { storedWorkloads } from "./stored.ts";
import { workloadsToTend } from "./tended.ts";

/**
 * Seconds after which pods are looked at without cause: readiness comes and goes without any other sign. Soon while a
 * workload is on its way, less and less often the longer nothing changes.
 */
const SOON = 1;
const LATE = 30;
const SLOWER = 1.5;

/** Brings all workloads of a host on their way, again and again, for as long as a daemon lives. */
export class WorkloadLoop {
  readonly #host: Host;
  readonly #deps: DriverDeps;
  readonly #changed: () => void;
  readonly #watched = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;
  /** When it goes off (ms). */
  #due = 0;
  #seconds = SOON;
  #seen = "";

  /** `changed` is called when it is time for another pass. */
  constructor(host: Host, { log, changed }: { log(text: string): void; changed(): void }) {
    this.#host = host;
    this.#changed = changed;
    const deps = podDeps(host, log);
    this.#deps = {
      ...deps,
      createPod: (pod, owner) => deps.createPod(pod, owner).finally(() => this.#later(0)),
      removePod: (uid) => deps.removePod(uid).finally(() => this.#later(0)),
    };
  }

  /** One pass; gives the number of objects that are to be looked after. */
  async scan(): Promise<number> {
    this.#forgetTimer();
    const objects = storedWorkloads(this.#host);
    this.#watch(objects.length > 0);
    const { nextAt } = await reconcileAll(this.#host, this.#deps);
    const tended = workloadsToTend(this.#host);
    if (tended > 0 || objects.length > 0) {
      const poll = this.#host.seconds(this.#pace(storedWorkloads(this.#host)));
      const now = this.#host.now().getTime();
      this.#later(Math.max(0, Math.min(poll, (nextAt ?? Number.POSITIVE_INFINITY) - now)));
    }
    return tended;
  }

  /** Seconds until the next look. */
  #pace(objects: readonly WorkloadObject[]): number {
    if (objects.every(isSettled)) return LATE;
    const seen = JSON.stringify(
      objects.map(({ metadata, status }) => [metadata.uid, metadata.generation, status]),
    );
    this.#seconds = seen === this.#seen ? Math.min(LATE, this.#seconds * SLOWER) : SOON;
    this.#seen = seen;
    return this.#seconds;
  }

  close(): void {
    this.#forgetTimer();
    for (const watcher of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** The earlier of two moments counts: whoever asked for it has seen something that the other has not. */
  #later(ms: number): void {
    const due = Date.now() + Math.max(ms, AT_LEAST);
    if (this.#timer !== undefined && this.#due <= due) return;
    this.#forgetTimer();
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#changed();
    }, due - Date.now());
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Commands change objects on disk, and labels of pods; folders come with the first object of a kind, and go with the
   * last.
   */
  #watch(withPods: boolean): void {
    const { lib, run } = this.#host.paths;
    const kinds = WORKLOAD_KINDS.map((kind) => objectFolder(this.#host.paths, kind));
    const pods = withPods ? podUids(this.#host.paths).map((uid) => join(run, "pods", uid)) : [];
    const wanted = [lib, join(lib, "objects"), ...kinds, ...kinds.flatMap(foldersIn), ...pods];
    for (const [path, watcher] of this.#watched) {
      if (wanted.includes(path)) continue;
      watcher.close();
      this.#watched.delete(path);
    }
    for (const path of wanted)
      if (!this.#watched.has(path)) this.#watchOne(path, pods.includes(path) ? isRecord : isWhole);
  }

  #watchOne(path: string, tells: (name: string | null) => boolean): void {
    try {
      const watcher = watch(path, (_, name) => {
        if (tells(name)) this.#later(0);
        if (name === null || path.endsWith(`/${name}`)) this.#forget(path);
      });
      watcher.on("error", () => this.#forget(path));
      this.#watched.set(path, watcher);
    } catch {
      // Not there yet.
    }
  }

  #forget(path: string): void {
    this.#watched.get(path)?.close();
    this.#watched.delete(path);
  }
}

/** Written to a temporary name first: only what it is renamed to says something. */
const isWhole = (name: string | null): boolean => !name?.endsWith(".tmp");

/** Of all that changes about a pod, what was asked for. */
const isRecord = (name: string | null): boolean => name === "pod.json";

/** Several files change at once (ms). */
const AT_LEAST = 10;

function foldersIn(folder: string): string[] {
  return namesIn(folder).map((name) => join(folder, name));
}

/** Its pods are as it wants them. */
function isSettled(object: WorkloadObject): boolean {
  const { generation = 1 } = object.metadata;
  switch (object.kind) {
    case "Deployment":
    case "ReplicaSet": {
      const { replicas = 1 } = object.spec;
      const { status } = object;
      return (
        status?.observedGeneration === generation &&
        (status.availableReplicas ?? 0) === replicas &&
        status.replicas === replicas
      );
    }
    case "StatefulSet": {
      const { replicas = 1 } = object.spec;
      const { status } = object;
      return (
        status?.observedGeneration === generation &&
        status.availableReplicas === replicas &&
        status.replicas === replicas &&
        status.currentRevision === status.updateRevision
      );
    }
    case "DaemonSet":
      return object.status?.observedGeneration === generation && object.status.numberAvailable === 1;
    case "Job":
      // The end of a pod is seen by itself, and other moments are known before; restarts inside it are not.
      return object.status !== undefined && object.spec.template.spec.restartPolicy === "Never";
    case "CronJob":
      return true;
  }
}
