const PADDING = 3;
const MINIMUM = 6;

/**
 * Columns as kubectl aligns them: three spaces between, at least six wide, the last one ragged. `widths` is kept up
 * to date, so that what is printed later under the same headings can be given it again.
 */
export function table(rows: readonly (readonly string[])[], widths: number[] = []): string {
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? MINIMUM, visibleLength(cell) + PADDING);
    });
  }
  return rows
    .map((row) => `${row.map((cell, column) => pad(cell, column, row, widths)).join("")}\n`)
    .join("");
}

function pad(cell: string, column: number, row: readonly string[], widths: readonly number[]): string {
  if (column === row.length - 1) return cell;
  return cell + " ".repeat((widths[column] ?? 0) - visibleLength(cell));
}

/** Length without colours. Names, addresses and numbers are ASCII; what is not may sit a column off. */
export function visibleLength(text: string): number {
  return text.replace(SGR, "").length;
}

const SGR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
