export type StructuredFormat = "json" | "yaml";

/** An object for programs, as kubectl indents it: lists in YAML stand at their key. */
export async function structured(value: unknown, format: StructuredFormat): Promise<string> {
  if (format === "json") return `${JSON.stringify(value, null, 4)}\n`;
  const { stringify } = await import("yaml");
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false });
}
