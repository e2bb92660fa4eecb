import { nearest } from "./decode/nearest.ts";
import { type FieldState, fieldState } from "./field-state.ts";
import { KINDS } from "./kinds.ts";
import { type Field, fieldsOf } from "./schema.ts";

/** A field of the API, found by its path. */
export interface FoundField {
  kind: string;
  version: string;
  /** The words of the path, the kind first: `pod`, `spec`, `containers`. */
  path: string[];
  /** The type that has the field, and the field; neither for a kind itself. */
  owner?: string;
  field?: Field;
  /** The type whose fields are below it; none below a scalar. */
  type?: string;
}

/** A path that leads nowhere: how far it goes, the word that is wrong, and the one that may be meant. */
export interface NoField {
  parent: string[];
  word: string;
  meant?: string;
  known: string[];
  /** For a kind that is not read: why. */
  reason?: string;
}

const SHORT: Record<string, string> = {
  po: "Pod",
  cm: "ConfigMap",
  pvc: "PersistentVolumeClaim",
  svc: "Service",
  deploy: "Deployment",
  rs: "ReplicaSet",
  sts: "StatefulSet",
  ds: "DaemonSet",
  cj: "CronJob",
};

const ALL_KINDS = Object.keys(KINDS).filter((kind) => kind !== "List");
const readKinds = ALL_KINDS.filter((kind) => KINDS[kind]?.state === "read");

/** A kind by its name, plural or short name in any case, as kubectl takes them. */
const kindOf = (word: string): string | undefined =>
  SHORT[word.toLowerCase()] ??
  ALL_KINDS.find((kind) => [kind, `${kind}s`].some((name) => name.toLowerCase() === word.toLowerCase()));

/** `pod.spec.containers[0].image` in words; the kind Pod is implied where the path begins inside it. */
function wordsOf(path: string): string[] {
  const words = path
    .replace(/\[[^\]]*\]/g, "")
    .split(".")
    .filter((word) => word !== "");
  return words[0] === "spec" || words[0] === "metadata" ? ["pod", ...words] : words;
}

/** Whether a text begins as the path of a field does: with a kind, or with `spec` or `metadata` of a Pod. */
export function isFieldPath(text: string): boolean {
  if (!/^[A-Za-z]+(\.[A-Za-z]+|\[[^\]]*\])*$/.test(text) || /\.(ya?ml|json)$/i.test(text)) return false;
  return kindOf(wordsOf(text)[0] ?? "") !== undefined;
}

/** Finds a field by its path (see `isFieldPath`), or says where the path goes wrong. */
export function findField(path: string): FoundField | NoField {
  const [first = "", ...words] = wordsOf(path);
  const kind = kindOf(first);
  if (kind === undefined)
    return { parent: [], word: first, known: readKinds.map((name) => name.toLowerCase()) };
  const { state, reason } = KINDS[kind] ?? {};
  if (state !== "read") return { parent: [], word: kind, known: [], reason: reason ?? "it is not read" };
  let found: FoundField = {
    kind,
    version: KINDS[kind]?.versions[0] ?? "v1",
    path: [kind.toLowerCase()],
    type: kind,
  };
  for (const word of words) {
    const fields = found.type === undefined ? new Map<string, Field>() : fieldsOf(found.type);
    const field = fields.get(word);
    if (field === undefined || found.type === undefined) {
      const meant = nearest(word, fields.keys());
      return {
        parent: found.path,
        word,
        known: [...fields.keys()],
        ...(meant === undefined ? {} : { meant }),
      };
    }
    const { kind, version, path: parent, type: owner } = found;
    const type = field.type === undefined ? {} : { type: field.type };
    found = { kind, version, path: [...parent, word], owner, field, ...type };
  }
  return found;
}

/** What tspod does with the field; what is said of a field goes for all that is inside it. */
export function stateAt(found: FoundField): FieldState {
  let type = found.kind;
  for (const word of found.path.slice(1)) {
    const state = fieldState(type, word);
    if (state.kind !== "honoured" && state.always !== false) return state;
    const field = fieldsOf(type).get(word);
    if (field === found.field || field?.type === undefined) return state;
    type = field.type;
  }
  return { kind: "honoured" };
}
