import { fieldState } from "../src/manifest/field-state.ts";
import { fieldsOf } from "../src/manifest/schema.ts";
import { PROOFS } from "./proofs/index.ts";

/** A test: its file below test/, and words of its title as they stand in the file. */
export interface ProvingTest {
  file: string;
  title: string;
}

const everyField = (title: string): ProvingTest[] => [{ file: "unit/manifest/every-field.test.ts", title }];

/** What `proofs/` says, by `Type.field`. */
const proofs = new Map<string, ProvingTest[]>();
for (const [file, title, ...lines] of PROOFS)
  for (const line of lines) {
    const [type = "", ...names] = line.split(" ");
    for (const name of names[0] === "*" ? fieldsOf(type).keys() : names) {
      const key = `${type}.${name}`;
      proofs.set(key, [...(proofs.get(key) ?? []), { file, title }]);
    }
  }

/** Every `Type.field` that a proof is given for. */
export const provenFields = (): string[] => [...proofs.keys()];

/**
 * The tests that show what tspod does with a field. Those of honoured fields are listed in `proofs/`; what is refused,
 * ignored or dropped is tried for every field by one table.
 */
export function provenBy(type: string, name: string): ProvingTest[] {
  const own = proofs.get(`${type}.${name}`) ?? [];
  const { kind, severity } = fieldState(type, name);
  if (kind === "not yet" && severity === undefined) return own;
  switch (kind) {
    case "honoured":
      return own;
    case "dropped":
      return everyField("that the server writes are accepted and dropped");
    case "not yet":
      return everyField("that is not supported yet is named");
    case "ignored":
      return everyField("that is ignored on a single node gets one line");
    case "refused":
      return everyField("that is refused is named with a reason and a way out");
  }
}
