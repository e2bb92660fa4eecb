import { FIELD_DEFAULTS } from "./field-defaults.ts";
import { type FoundField, stateAt } from "./field-path.ts";
import { type FieldState, fieldState } from "./field-state.ts";
import { type Field, fieldsOf } from "./schema.ts";

/** What the Kubernetes API says of its types and their fields, by the names of the types. */
export type FieldTexts = Readonly<Record<string, { text: string; fields: Record<string, string> }>>;

export interface DescribedField {
  name: string;
  /** As kubectl writes it: `[]Container`, `map[string]string`. */
  type: string;
  required: boolean;
  default?: string;
  tspod: FieldState;
  description: string;
}

/** All there is to say about one field, or about a kind; what is inside it in the order of the alphabet. */
export interface FieldDescription extends DescribedField {
  kind: string;
  version: string;
  /** `pod.spec.containers`; the kind alone for itself. */
  path: string;
  fields: DescribedField[];
}

export function describeField(found: FoundField, texts: FieldTexts): FieldDescription {
  const { kind, version, owner, field, type } = found;
  const tspod = stateAt(found);
  const self =
    owner === undefined || field === undefined
      ? { name: kind, type: kind, required: false, description: texts[kind]?.text ?? "" }
      : describe(owner, field, texts);
  const inside = type === undefined ? [] : [...fieldsOf(type).values()];
  const fields = inside.map((one) => describe(type as string, one, texts));
  return { kind, version, path: found.path.join("."), ...self, tspod, fields };
}

function describe(owner: string, field: Field, texts: FieldTexts): DescribedField {
  const usual = FIELD_DEFAULTS[`${owner}.${field.name}`];
  return {
    name: field.name,
    type: typeName(field),
    required: field.required,
    ...(usual === undefined ? {} : { default: usual }),
    tspod: fieldState(owner, field.name),
    // Where the API says nothing of a field, its type says what it is.
    description: texts[owner]?.fields[field.name] ?? texts[field.type ?? ""]?.text ?? "",
  };
}

const SCALARS = {
  s: "string",
  b: "boolean",
  i: "integer",
  l: "integer",
  q: "Quantity",
  p: "IntOrString",
  t: "Time",
  y: "base64",
  x: "any",
};

function typeName({ type, scalar, shape }: Field): string {
  const one = type ?? SCALARS[scalar ?? "x"];
  return shape === "list" ? `[]${one}` : shape === "map" ? `map[string]${one}` : one;
}

/** A field inside another, for a tree of names. */
export interface TreeField {
  depth: number;
  name: string;
  type: string;
  required: boolean;
}

/** All that is inside a field, a type inside itself once. */
export function fieldsBelow({ type }: FoundField): TreeField[] {
  const below: TreeField[] = [];
  const open = (type: string, depth: number, around: readonly string[]): void => {
    for (const field of fieldsOf(type).values()) {
      below.push({ depth, name: field.name, type: typeName(field), required: field.required });
      if (field.type !== undefined && !around.includes(field.type))
        open(field.type, depth + 1, [...around, field.type]);
    }
  };
  if (type !== undefined) open(type, 0, [type]);
  return below;
}
