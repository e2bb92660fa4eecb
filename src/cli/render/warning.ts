import type { Style } from "./style.ts";

/** One line that is worth a word but stops nothing. */
export function renderWarning(message: string, style: Style): string {
  return `${style("yellow", "warning")}: ${message}\n`;
}
