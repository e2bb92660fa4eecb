import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Subject, timed } from "./subject.ts";

/** Compiles test/bench/limit into build/bench/limit. */
export function compileFloor(checkout: string): string {
  const folder = join(checkout, "test/bench/limit");
  const binary = join(checkout, "build/bench/limit");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".c"));
  mkdirSync(join(checkout, "build/bench"), { recursive: true });
  execFileSync("gcc", ["-O2", "-static", "-o", binary, ...sources.map((name) => join(folder, name))]);
  return binary;
}

/** The kernel alone: the same pod by a C program that does nothing else. It measures itself from inside. */
export class Floor implements Subject {
  readonly name: string;
  readonly containers: number;
  readonly what = "the same system calls in C";
  readonly #scratch = mkdtempSync(join(tmpdir(), "tspod-floor-"));
  readonly #binary: string;
  readonly #lower: string;

  constructor(binary: string, lower: string, containers: number) {
    this.name = `kernel (${containers})`;
    this.containers = containers;
    this.#binary = binary;
    this.#lower = lower;
  }

  async sample() {
    const { output } = await timed(this.#binary, [String(this.containers), this.#lower, this.#scratch]);
    const { up, down, phases } = JSON.parse(output) as {
      up: number;
      down: number;
      phases: Record<string, number>;
    };
    return { up, down, upPhases: phases, downPhases: {} };
  }

  async dispose(): Promise<void> {
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
