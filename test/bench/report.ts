import type { Footprint } from "./footprint.ts";
import type { Many } from "./many.ts";
import { milliseconds, type Spread, spreadOf } from "./statistics.ts";
import type { Absent, Sample, Subject } from "./subject.ts";

export interface Measured {
  subject: Pick<Subject, "name" | "containers" | "what">;
  up: Spread;
  down: Spread;
  upPhases: Record<string, Spread>;
  downPhases: Record<string, Spread>;
}

export function summarize(subject: Subject, samples: Sample[]): Measured {
  const { name, containers, what } = subject;
  return {
    subject: { name, containers, what },
    up: spreadOf(samples.map((sample) => sample.up)),
    down: spreadOf(samples.map((sample) => sample.down)),
    upPhases: phaseSpreads(samples.map((sample) => sample.upPhases)),
    downPhases: phaseSpreads(samples.map((sample) => sample.downPhases)),
  };
}

function phaseSpreads(samples: Record<string, number>[]): Record<string, Spread> {
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(samples.flatMap((sample) => sample[name] ?? []))]),
  );
}

/** The whole report as text. Ratios are to the kernel's floor for as many containers. */
export function renderReport(
  measured: Measured[],
  absent: Absent[],
  { footprint, many }: { footprint: Footprint; many: Many[] },
): string {
  return [
    "Start to running and removal, milliseconds: median (min to max), and times the kernel's floor",
    table(
      ["", "up", "", "x", "down", "", "x", ""],
      measured.map((entry) => {
        const floor = measured.find(
          ({ subject }) =>
            subject.name.startsWith("kernel") && subject.containers === entry.subject.containers,
        );
        return [
          entry.subject.name,
          ...spreadCells(entry.up, floor?.up),
          ...spreadCells(entry.down, floor?.down),
          entry.subject.what,
        ];
      }),
    ),
    ...absent.map(({ name, because }) => `  ${name} was not measured: ${because}`),
    ...measured.flatMap((entry) => [
      ...phases(`${entry.subject.name} up, by phase`, entry.upPhases),
      ...phases(`${entry.subject.name} down, by phase`, entry.downPhases),
    ]),
    "",
    `Idle for ${footprint.idleSeconds} s (the helper's binary has ${(footprint.helperBytes / 1024).toFixed(1)} KiB)`,
    table(
      ["", "pid", "PSS KiB", "CPU ticks", "wake-ups"],
      footprint.processes.map(({ role, comm, pid, pssKiB, idleTicks, wakeUps }) =>
        [`${role} (${comm})`, pid, pssKiB, idleTicks, wakeUps].map(String),
      ),
    ),
    "",
    "Many idle pods of two containers: the daemon, and holders and monitors for each pod",
    table(
      ["pods", "RSS KiB", "PSS KiB", "CPU %", "wake-ups/s", "helpers' PSS KiB/pod"],
      many.map(({ pods, daemon, helpersPssKiB }) => [
        String(pods),
        String(daemon.rssKiB),
        String(daemon.pssKiB),
        daemon.cpuPercent.toFixed(2),
        daemon.wakeUpsPerSecond.toFixed(1),
        (helpersPssKiB / pods).toFixed(0),
      ]),
    ),
    "",
  ].join("\n");
}

function spreadCells(spread: Spread, floor: Spread | undefined): string[] {
  const range = `(${milliseconds(spread.min)} to ${milliseconds(spread.max)})`;
  return [milliseconds(spread.median), range, floor ? (spread.median / floor.median).toFixed(1) : ""];
}

function phases(title: string, spreads: Record<string, Spread>): string[] {
  const rows = Object.entries(spreads);
  if (rows.length === 0) return [];
  return [
    "",
    title,
    table(
      ["", "ms", ""],
      rows.map(([name, spread]) => [name, ...spreadCells(spread, undefined)]),
    ),
  ];
}

/** Columns as wide as their widest cell, the first to the left, the others to the right. */
function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const isText = (column: number) => column === 0 || (head.length > 6 && column === head.length - 1);
  return all
    .map((row) =>
      `  ${head.map((_, column) => (isText(column) ? (row[column] ?? "").padEnd(widths[column] ?? 0) : (row[column] ?? "").padStart(widths[column] ?? 0))).join("  ")}`.trimEnd(),
    )
    .join("\n");
}
