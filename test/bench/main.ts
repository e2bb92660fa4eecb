import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compileFloor, Floor } from "./floor.ts";
import { footprintOf } from "./footprint.ts";
import { lowerOf } from "./lower.ts";
import { manyOf } from "./many.ts";
import { ifItWorks, ociRuntime, podman } from "./peers.ts";
import { renderReport, summarize } from "./report.ts";
import type { Absent, Sample, Subject } from "./subject.ts";
import { Tspod } from "./tspod.ts";

/** Each with both runtimes of the distribution: on a hybrid cgroup host crun refuses to work, runc does not. */
function peersOf(lower: string): [string, () => Promise<Subject>][] {
  return ["crun", "runc"].flatMap((runtime): [string, () => Promise<Subject>][] => [
    [`podman+${runtime} (1)`, () => podman(lower, 1, runtime)],
    [`podman+${runtime} (3)`, () => podman(lower, 3, runtime)],
    [`${runtime} (1)`, () => ociRuntime(lower, runtime)],
  ]);
}

/** One interleaved run: every round measures each subject once, so that all meet the same neighbours. */
async function bench(checkout: string, rounds: number): Promise<void> {
  const { lower, dispose: disposeLower } = lowerOf(checkout);
  const binary = compileFloor(checkout);
  const tspods = [new Tspod(checkout, 1), new Tspod(checkout, 3), new Tspod(checkout, 1, { first: true })];
  const idle = new Tspod(checkout, 3, { first: true });
  const subjects: Subject[] = [...tspods, new Floor(binary, lower, 1), new Floor(binary, lower, 3)];
  const absent: Absent[] = [];
  try {
    for (const tspod of tspods) await tspod.prepare();
    // The first run of all is not counted: it imports the image and fills the page cache.
    for (const subject of subjects) await subject.sample();
    for (const [name, make] of peersOf(lower)) {
      const peer = await ifItWorks(make, name);
      if ("because" in peer) absent.push(peer);
      else subjects.push(peer);
    }
    const samples = new Map<Subject, Sample[]>(subjects.map((subject) => [subject, []]));
    for (let round = 1; round <= rounds; round++) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kround ${round} of ${rounds}`);
      for (const subject of subjects) samples.get(subject)?.push(await subject.sample());
    }
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    const measured = [...samples].map(([subject, list]) => summarize(subject, list));
    const footprint = await footprintOf(idle, checkout);
    const many = [await manyOf(checkout, 50, 10), await manyOf(checkout, 100, 10)];
    const machine = {
      kernel: release(),
      node: process.version,
      processor: cpus()[0]?.model,
      cores: cpus().length,
    };
    process.stdout.write(`${Object.values(machine).join(", ")} cores, ${rounds} rounds\n\n`);
    process.stdout.write(renderReport(measured, absent, { footprint, many }));
    const file = join(checkout, "build/bench.json");
    mkdirSync(join(checkout, "build"), { recursive: true });
    writeFileSync(
      file,
      `${JSON.stringify({ machine, rounds, measured, absent, footprint, many }, null, 2)}\n`,
    );
    process.stdout.write("\nAll figures, in nanoseconds: build/bench.json\n");
  } finally {
    for (const subject of [...subjects, idle]) await subject.dispose();
    disposeLower();
  }
}

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "20" }, checkout: { type: "string", default: "." } },
});
await bench(values.checkout, Number(values.rounds));
