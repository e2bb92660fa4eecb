import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Subject, sleepers, timed } from "./subject.ts";

/**
 * tspod through its command line: a process of Node for each command, as a person pays for it. With `first`, every
 * pod is the only one of its root, so that bridge and firewall table come and go with it; otherwise another pod is
 * there all the time, as its peers keep their bridge too.
 */
export class Tspod implements Subject {
  readonly name: string;
  readonly containers: number;
  readonly what = "tspod run -d; tspod rm -f";
  readonly root = mkdtempSync(join(tmpdir(), "tspod-bench-"));
  readonly #binary: string;
  readonly #manifest: string;

  readonly #neighbour: string | undefined;

  constructor(checkout: string, containers: number, { first = false } = {}) {
    this.name = `tspod${first ? ", first pod" : ""} (${containers})`;
    this.containers = containers;
    this.#binary = join(checkout, "bin/tspod");
    this.#manifest = join(this.root, "pod.yaml");
    writeFileSync(this.#manifest, sleepers("bench", containers, "busybox"));
    if (!first) {
      this.#neighbour = join(this.root, "neighbour.yaml");
      writeFileSync(this.#neighbour, sleepers("neighbour", 1, "busybox"));
    }
  }

  /** To be called once, before the first sample. */
  async prepare(): Promise<void> {
    if (this.#neighbour) await this.#command("run", "-d", this.#neighbour);
  }

  async sample() {
    const up = await this.#command("run", "-d", this.#manifest);
    const down = await this.#command("rm", "-f", "bench");
    return { up: up.ns, down: down.ns, upPhases: up.phases, downPhases: down.phases };
  }

  async start(): Promise<void> {
    await this.#command("run", "-d", this.#manifest);
  }

  async stop(): Promise<void> {
    await this.#command("rm", "-f", "bench");
  }

  async dispose(): Promise<void> {
    await timed(this.#binary, ["--root", this.root, "rm", "-f", "bench", "neighbour"]).catch(() => undefined);
    rmSync(this.root, { recursive: true, force: true });
  }

  async #command(...args: string[]) {
    const file = join(this.root, "timings");
    rmSync(file, { force: true });
    const { ns } = await timed(this.#binary, ["--root", this.root, "--timings", file, ...args]);
    return { ns, phases: existsSync(file) ? readPhases(readFileSync(file, "utf8")) : {} };
  }
}

/** Sums by phase: a phase that happens once for each container has a line for each. */
function readPhases(lines: string): Record<string, number> {
  const phases: Record<string, number> = {};
  for (const line of lines.trim().split("\n")) {
    const { phase, ns } = JSON.parse(line) as { phase: string; ns: number };
    phases[phase] = (phases[phase] ?? 0) + ns;
  }
  return phases;
}
