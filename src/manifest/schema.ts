import { TABLE } from "./gen/table.ts";

/**
 * Notation of the table: `s` string, `b` boolean, `i` int32, `l` int64, `q` quantity, `p` integer or string
 * (port), `t` time, `y` base64 bytes, `x` anything, otherwise the name of another type; followed by `[]` for a
 * list and `{}` for a map with string keys. `!` after the name: required.
 */
export type ScalarType = "s" | "b" | "i" | "l" | "q" | "p" | "t" | "y" | "x";

export interface Field {
  name: string;
  required: boolean;
  shape: "one" | "list" | "map";
  /** Set for scalars; `type` is set for objects. */
  scalar?: ScalarType;
  type?: string;
}

const parsed = new Map<string, ReadonlyMap<string, Field>>();

/** The fields of a type of the API (`Container`), read from the table at first use. */
export function fieldsOf(type: string): ReadonlyMap<string, Field> {
  let fields = parsed.get(type);
  if (fields === undefined) {
    fields = new Map((TABLE[type] ?? "").split(" ").map((entry) => readEntry(entry)));
    parsed.set(type, fields);
  }
  return fields;
}

function readEntry(entry: string): [string, Field] {
  const colon = entry.indexOf(":");
  const required = entry[colon - 1] === "!";
  const name = entry.slice(0, required ? colon - 1 : colon);
  let target = entry.slice(colon + 1);
  const shape = target.endsWith("[]") ? "list" : target.endsWith("{}") ? "map" : "one";
  if (shape !== "one") target = target.slice(0, -2);
  const kind = target.length === 1 ? { scalar: target as ScalarType } : { type: target };
  return [name, { name, required, shape, ...kind }];
}
