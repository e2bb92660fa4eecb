/** `0-2,4` as numbers; "" or nothing is none. Inverse of `formatIndexes`. */
export function parseIndexes(text: string | undefined): Set<number> {
  const found = new Set<number>();
  for (const part of (text ?? "").split(",").filter((one) => one !== "")) {
    const [first, last = first] = part.split("-").map(Number);
    for (let i = first as number; i <= (last as number); i++) found.add(i);
  }
  return found;
}

/** Numbers as status.completedIndexes has them: sorted, runs of two and more as `first-last`. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const index of sorted) {
    const run = runs.at(-1);
    if (run && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(",");
}
