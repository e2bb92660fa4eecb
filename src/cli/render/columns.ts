const PADDING = 2;

/**
 * Lines whose cells end in tabs, as Go's text/tabwriter sets them (kubectl's describe): cells of neighbouring lines stand
 * in one column, as wide as the widest and two spaces. A line without such a cell ends the column.
 */
export function inColumns(text: string): string {
  const rows = text.split("\n").map((line) => line.split("\t"));
  for (let column = 0; rows.some((row) => row.length > column + 1); column++) {
    for (let from = 0; from < rows.length; from++) {
      let to = from;
      while ((rows[to]?.length ?? 0) > column + 1) to++;
      const block = rows.slice(from, to);
      const width = Math.max(...block.map((row) => (row[column] ?? "").length)) + PADDING;
      for (const row of block) row[column] = (row[column] ?? "").padEnd(width);
      from = Math.max(from, to);
    }
  }
  return rows.map((row) => row.join("").trimEnd()).join("\n");
}
