import { labelsText } from "./output.ts";

export interface LabelFlags {
  showLabels?: boolean;
  /** Keys, each a column. */
  labelColumns?: string[];
}

/** kubectl heads a column with the last part of the key: `name` of app.kubernetes.io/name. */
export function labelHeadings({ showLabels, labelColumns = [] }: LabelFlags): string[] {
  const columns = labelColumns.map((key) => key.slice(key.lastIndexOf("/") + 1).toUpperCase());
  return [...columns, ...(showLabels ? ["LABELS"] : [])];
}

export function labelCells(
  labels: Record<string, string> | undefined,
  { showLabels, labelColumns = [] }: LabelFlags,
): string[] {
  return [...labelColumns.map((key) => labels?.[key] ?? ""), ...(showLabels ? [labelsText(labels)] : [])];
}
