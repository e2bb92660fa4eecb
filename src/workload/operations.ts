import { rmSync } from "node:fs";
import type { Host } from "../runtime/host.ts";
import { type Lock, takeLock } from "../state/lock.ts";
import { workloadLock } from "../state/objects.ts";
import type { NewPod } from "./outcome.ts";
import type { PodSummary } from "./pod-summary.ts";

/** How many pods are made at once: each may wait for an image. */
const AT_ONCE = 4;
/** Seconds before a pod that could not be made is tried again, doubled each time up to the last. */
const FIRST_WAIT = 5;
const LAST_WAIT = 300;
/** Seconds before a pod that is still there after its removal is removed again. */
const REMOVAL_WAIT = 5;

/** Why the pods of an object could not be made. */
export interface Failure {
  message: string;
  count: number;
  /** Not before then (ms). */
  retryAt: number;
}

/**
 * What this process is doing for workloads right now. As long as it makes pods it holds a lock, so that no other process
 * counts pods meanwhile and makes them a second time; what has been made can be counted on disk.
 */
export class Operations {
  readonly #host: Host;
  readonly #creating = new Map<string, { owner: string; pod: PodSummary }>();
  readonly #removing = new Set<string>();
  /** Pods whose removal is over, until they are seen to be gone; and when it may be tried again (ms). */
  readonly #removed = new Map<string, number>();
  readonly #failures = new Map<string, Failure>();
  readonly #waiting: (() => void)[] = [];
  readonly #begun = new Set<Promise<void>>();
  #running = 0;
  #lock: Lock | undefined;
  #inside = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** False when another process is at it. */
  enter(): boolean {
    this.#lock ??= takeLock(this.#path, { wait: false });
    this.#inside = this.#lock !== undefined;
    return this.#inside;
  }

  leave(): void {
    this.#inside = false;
    if (!this.#lock || this.#creating.size > 0) return;
    rmSync(this.#path, { force: true });
    this.#lock.release();
    this.#lock = undefined;
  }

  get #path(): string {
    return workloadLock(this.#host.paths);
  }

  /** The pods with those that are being made and are not on disk yet; what is being removed is marked. */
  complete(pods: readonly PodSummary[]): PodSummary[] {
    const present = new Set(pods.map(keyOf));
    const uids = new Set(pods.map(({ uid }) => uid));
    for (const uid of this.#removed.keys()) if (!uids.has(uid)) this.#removed.delete(uid);
    const isGoing = ({ uid }: PodSummary) => this.#isGoing(uid);
    const coming = [...this.#creating.values()]
      .map(({ pod }) => pod)
      .filter((pod) => !present.has(keyOf(pod)));
    return [...pods.map((pod) => (isGoing(pod) ? { ...pod, terminating: true } : pod)), ...coming];
  }

  failureOf(owner: string): Failure | undefined {
    return this.#failures.get(owner);
  }

  create(owner: string, pod: NewPod, make: () => Promise<void>): void {
    const summary = coming(owner, pod, this.#host.now().getTime());
    const key = keyOf(summary);
    if (this.#creating.has(key)) return;
    this.#creating.set(key, { owner, pod: summary });
    const work = this.#turn()
      .then(make)
      .then(() => void this.#failures.delete(owner))
      .catch((error: Error) => this.#failed(owner, error))
      .finally(() => {
        this.#running--;
        this.#waiting.shift()?.();
        this.#creating.delete(key);
        if (!this.#inside) this.leave();
      });
    this.#follow(work);
  }

  remove(uid: string, take: () => Promise<void>): void {
    const now = () => this.#host.now().getTime();
    if (uid === "" || this.#isGoing(uid)) return;
    this.#removing.add(uid);
    // Whoever removes says what went wrong; the pod stays listed and is tried again.
    const work = take()
      .catch(() => undefined)
      .finally(() => {
        this.#removing.delete(uid);
        this.#removed.set(uid, now() + this.#host.seconds(REMOVAL_WAIT));
      });
    this.#follow(work);
  }

  /** A removal is under way, or has just left it behind: not at once, and again and again. */
  #isGoing(uid: string): boolean {
    return this.#removing.has(uid) || this.#host.now().getTime() < (this.#removed.get(uid) ?? 0);
  }

  /** When everything that has been begun is over, well or not. */
  async settled(): Promise<void> {
    while (this.#begun.size > 0) await Promise.all(this.#begun);
  }

  #follow(work: Promise<void>): void {
    this.#begun.add(work);
    void work.finally(() => this.#begun.delete(work));
  }

  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }

  #failed(owner: string, error: Error): void {
    const count = (this.#failures.get(owner)?.count ?? 0) + 1;
    const wait = Math.min(LAST_WAIT, FIRST_WAIT * 2 ** Math.min(count - 1, 10));
    this.#failures.set(owner, {
      message: error.message,
      count,
      retryAt: this.#host.now().getTime() + this.#host.seconds(wait),
    });
  }
}

const keyOf = ({ namespace, name }: PodSummary): string => `${namespace}/${name}`;

function coming(owner: string, { metadata }: NewPod, now: number): PodSummary {
  return {
    uid: "",
    name: metadata.name,
    namespace: metadata.namespace,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    owner,
    createdAt: now,
    phase: "Pending",
    terminating: false,
    restarts: 0,
    exits: [],
    conditions: [],
    lost: false,
    unmade: true,
  };
}

const all = new WeakMap<Host, Operations>();

/** One for each host that this process has open. */
export function operationsOf(host: Host): Operations {
  let operations = all.get(host);
  if (!operations) {
    operations = new Operations(host);
    all.set(host, operations);
  }
  return operations;
}
