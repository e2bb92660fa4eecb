import { nearest } from "./decode/nearest.ts";
import type { Fault } from "./fault.ts";
import { itemKindOf, KINDS, nearestKind, readKinds } from "./kinds.ts";
import type { ManifestObject } from "./object.ts";
import { type Entry, entryOf, isNull, type MapNode, type ScalarNode, type TreeNode } from "./yaml/tree.ts";

export type ReadKind = ManifestObject["kind"];

export interface Identified {
  kind: ReadKind;
  node: MapNode;
  /** Its kind or version is not what it says: it is read for its other problems only. */
  misnamed?: true;
}

type Report = (fault: Fault) => void;

/** Finds the objects of a document, inside lists too; reports what is no object, or of a kind that is not read. */
export function identify(root: TreeNode, report: Report, implied?: string): Identified[] {
  if (root.kind !== "map") {
    const what = root.kind === "list" ? "a list" : "plain text";
    report({
      severity: "error",
      code: "TS2004",
      path: "",
      span: { start: root.start, end: root.start + 1 },
      message: `the document is ${what}, not an object with apiVersion, kind and metadata`,
      help:
        root.kind === "list"
          ? "put the items under kind: List, or separate them by lines of ---"
          : "begin with apiVersion: v1",
    });
    return [];
  }
  if (entryOf(root, "services") !== undefined && entryOf(root, "kind") === undefined) {
    const span = (entryOf(root, "services") as Entry).keySpan;
    report({
      severity: "error",
      code: "TS2004",
      path: "",
      span,
      message: "this is a compose file, not a Kubernetes manifest",
      help: "write the services as containers of a Pod; kompose convert makes a first version",
    });
    return [];
  }
  const kustomization = ["resources", "bases", "patches", "namePrefix"]
    .map((key) => entryOf(root, key))
    .find((entry) => entry !== undefined);
  const isKustomization = wordOf(root, "kind")?.text === "Kustomization";
  if (
    isKustomization ||
    (kustomization !== undefined && entryOf(root, "kind") === undefined && implied === undefined)
  ) {
    report({
      severity: "error",
      code: "TS2004",
      path: "",
      span: (entryOf(root, "kind") ?? (kustomization as Entry)).keySpan,
      message: "this is a kustomization, which names manifests and changes to them, not a manifest",
      help: "build it first, in its folder: kubectl kustomize . | tspod run -",
    });
    return [];
  }
  const kindNode = wordOf(root, "kind");
  const versionNode = wordOf(root, "apiVersion");
  const kind = kindNode?.text ?? implied;
  const version = versionNode?.text ?? (implied === undefined ? undefined : "v1");
  const start = root.entries[0]?.keySpan ?? { start: root.start, end: root.start + 1 };
  if (kind === undefined)
    report({
      severity: "error",
      code: "TS2003",
      path: "kind",
      span: kindNode ?? start,
      message: "kind: Required value",
      help: "say what the object is, for example kind: Pod",
      ...misspelt(root, "kind"),
    });
  if (version === undefined)
    report({
      severity: "error",
      code: "TS2003",
      path: "apiVersion",
      span: versionNode ?? start,
      message: "apiVersion: Required value",
      help: `write apiVersion: ${KINDS[kind ?? "Pod"]?.versions[0] ?? "v1"}`,
      ...misspelt(root, "apiVersion"),
    });
  if (kind === undefined) return [];
  if (version === undefined) return misnamed(root, kind);
  return byKind(
    root,
    { kind, version, kindSpan: kindNode ?? start, versionSpan: versionNode ?? start },
    report,
  );
}

/** What is left to say of an object whose kind is known, and read. */
const misnamed = (node: MapNode, kind: string): Identified[] =>
  kind !== "List" && KINDS[kind]?.state === "read" ? [{ kind: kind as ReadKind, node, misnamed: true }] : [];

/** Where the word stands in another spelling. */
function misspelt(root: MapNode, word: string): Partial<Fault> {
  const entry = root.entries.find(({ key }) => nearest(key, [word]) === word);
  return entry === undefined ? {} : { span: entry.keySpan, note: `did you mean "${word}"?` };
}

interface TypeMeta {
  kind: string;
  version: string;
  kindSpan: { start: number; end: number };
  versionSpan: { start: number; end: number };
}

function byKind(root: MapNode, meta: TypeMeta, report: Report): Identified[] {
  const { kind, version, kindSpan, versionSpan } = meta;
  const item = itemKindOf(kind);
  const known = KINDS[item ?? kind];
  if (known === undefined) {
    const near = nearestKind(kind);
    report({
      severity: "error",
      code: "TS2005",
      path: "kind",
      span: kindSpan,
      message: `kind: no matches for kind "${kind}" in version "${version}"`,
      ...(near === undefined
        ? { help: `tspod knows ${readKinds().join(", ")}` }
        : { note: `did you mean ${near}?` }),
    });
    return near === undefined ? [] : misnamed(root, near);
  }
  if (!known.versions.includes(version)) {
    report({
      severity: "error",
      code: "TS2004",
      path: "apiVersion",
      span: versionSpan,
      message: `apiVersion: no kind "${kind}" is registered for version "${version}"`,
      note: `did you mean ${known.versions[0]}?`,
    });
    return misnamed(root, kind);
  }
  if (kind === "List" || item !== undefined) return itemsOf(root, item, report);
  if (known.state === "read") return [{ kind: kind as ReadKind, node: root }];
  const noted = known.state === "noted";
  const what = noted ? `ignored: ${known.reason}` : `cannot be used with tspod: ${known.reason}`;
  report({
    severity: noted ? "warning" : "error",
    code: noted ? "TS2008" : "TS2006",
    path: "kind",
    span: kindSpan,
    message: `kind: ${kind} is ${what}`.replace("is cannot", "cannot"),
  });
  return [];
}

function itemsOf(root: MapNode, item: string | undefined, report: Report): Identified[] {
  const items = entryOf(root, "items")?.value;
  if (items === undefined || isNull(items)) return [];
  if (items.kind === "list") return items.items.flatMap((node) => identify(node, report, item));
  report({
    severity: "error",
    code: "TS2002",
    path: "items",
    span: items,
    message: "items: Invalid value: must be a list of objects",
  });
  return [];
}

function wordOf(map: MapNode, key: string): ScalarNode | undefined {
  const value = entryOf(map, key)?.value;
  return value?.kind === "scalar" && value.value !== null ? value : undefined;
}
