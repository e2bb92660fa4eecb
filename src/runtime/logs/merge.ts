import type { LogLine } from "./line.ts";

/** A line with the name of what wrote it. */
export interface NamedLine {
  name: string;
  line: LogLine;
}

/** Merges logs that are each in time order into one in time order, without holding more than a line of each. */
export function* mergeLogs(
  logs: readonly { name: string; lines: Iterable<LogLine> }[],
): Generator<NamedLine> {
  const heads = logs.flatMap(({ name, lines }) => {
    const iterator = lines[Symbol.iterator]();
    const first = iterator.next();
    return first.done ? [] : [{ name, iterator, line: first.value }];
  });
  while (heads.length > 0) {
    let earliest = 0;
    for (let index = 1; index < heads.length; index++) {
      if (heads[index]!.line.time < heads[earliest]!.line.time) earliest = index;
    }
    const head = heads[earliest]!;
    yield { name: head.name, line: head.line };
    const next = head.iterator.next();
    if (next.done) heads.splice(earliest, 1);
    else head.line = next.value;
  }
}
