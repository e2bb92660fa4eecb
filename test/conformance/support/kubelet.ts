import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Pod } from "../../../src/manifest/index.ts";
import { FastRoot } from "../../support/fast-root.ts";
import { expectNoLeaks, type Snapshot, snapshot } from "../../support/leak-check.ts";
import type { Command, TspodRoot } from "../../support/tspod.ts";
import { EndedPod } from "./ended-pod.ts";
import { once } from "./once.ts";
import { RunningPod } from "./running-pod.ts";

interface Play {
  /** ConfigMaps, Secrets and claims that the pod names. */
  objects?: object[];
}

/** A tspod with a root of its own for one file's behaviours, in the place of a node with a kubelet. */
export class Kubelet {
  readonly tspod: TspodRoot;

  constructor(speed: number) {
    this.tspod = new FastRoot(speed);
  }

  /** Runs the pod to its end when it is first asked for; later callers get the same. */
  ended(pod: Pod, play: Play = {}): () => Promise<EndedPod> {
    return once(async () => {
      const outcome = await this.start(pod, play).outcome();
      const refused = /^error.*/m.exec(outcome.stderr);
      if (refused) throw new Error(outcome.stderr.slice(refused.index));
      return new EndedPod(this.tspod, nameOf(pod), outcome);
    });
  }

  /** Starts the pod in the background when it is first asked for. */
  running(pod: Pod, play: Play = {}): () => Promise<RunningPod> {
    return once(async () => {
      await this.tspod.ok(["run", "-d", ...this.#files(pod, play)]);
      return new RunningPod(this.tspod, nameOf(pod));
    });
  }

  /** Starts a `run` in the foreground and does not wait for it. */
  start(pod: Pod, play: Play = {}): Command {
    return this.tspod.start(["run", "--no-rm", ...this.#files(pod, play)]);
  }

  /** Runs a pod that is to be refused, and returns what was said. */
  async refused(pod: Pod, play: Play = {}): Promise<string> {
    const { code, stderr } = await this.tspod.run(["run", "-d", ...this.#files(pod, play)]);
    if (code === 0) throw new Error(`pod ${nameOf(pod)} was not refused`);
    return stderr;
  }

  #files(pod: Pod, { objects = [] }: Play): string[] {
    return [...objects, pod].map((object) => this.tspod.manifest(object));
  }
}

/**
 * For the top of a file: its pods go when its tests are over, and then nothing of them may be left. `speed`: how many
 * times faster than the clock pods live.
 */
export function kubelet({ speed = 1 } = {}): Kubelet {
  const node = new Kubelet(speed);
  let before: Snapshot;
  beforeAll(() => {
    before = snapshot(node.tspod.dir);
  });
  afterAll(async () => {
    try {
      await node.tspod.run(["rm", "-f", "--all", "-A"]);
      await removeObjects(node.tspod);
      await expectNoLeaks(before);
    } finally {
      await node.tspod.dispose();
    }
  });
  return node;
}

/** ConfigMaps, Secrets and claims with their data: they outlive pods. */
async function removeObjects(tspod: TspodRoot): Promise<void> {
  const folder = join(tspod.dir, "var/lib/tspod/objects");
  const kinds = existsSync(folder) ? readdirSync(folder) : [];
  // Claims last: not while the pod of a workload has them.
  const last = (kind: string) => Number(kind === "persistentvolumeclaim");
  for (const kind of kinds.sort((a, b) => last(a) - last(b))) {
    const names = await tspod.ok(["get", kind, "-o", "name"]);
    for (const name of names.split("\n").filter((line) => line !== "")) await tspod.run(["delete", name]);
  }
}

function nameOf({ metadata }: Pod): string {
  if (!metadata?.name) throw new Error("a pod of a test has a name");
  return metadata.name;
}
