import { singular } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { Context } from "../context.ts";
import { DEFAULT_NAMESPACE, namespaceOf, openPods } from "../pods.ts";
import { OBJECT_HEADINGS, objectRow } from "../render/object-row.ts";
import { structured } from "../render/structured.ts";
import { table } from "../render/table.ts";
import type { NamedObjects } from "./kinds.ts";

export interface GetObjectsFlags {
  allNamespaces?: boolean;
  headers: boolean;
  output?: "wide" | "json" | "yaml" | "name";
}

/** `get configmap|secret|pvc [NAME…]`. */
export async function getObjects(
  context: Context,
  { kind, names }: NamedObjects,
  flags: GetObjectsFlags,
): Promise<number> {
  const { host, core } = await openPods(context);
  const namespace = namespaceOf(context);
  const objects: StoredObject[] =
    names.length > 0
      ? names.map((name) => core.getObject(host, kind, { namespace, name }))
      : core.allObjects(host, kind, flags.allNamespaces ? undefined : namespace);
  if (flags.output === "json" || flags.output === "yaml") {
    const shown = objects.map(sorted);
    const list = { apiVersion: "v1", items: shown, kind: "List", metadata: { resourceVersion: "" } };
    context.out(await structured(names.length === 1 ? shown[0] : list, flags.output));
  } else if (flags.output === "name")
    context.out(objects.map(({ metadata }) => `${singular(kind)}/${metadata.name}\n`).join(""));
  else if (objects.length === 0) {
    const where = flags.allNamespaces ? "" : ` in ${namespace} namespace`;
    context.err(`No resources found${where}.\n`);
  } else {
    const shown = ({ usual, wide }: { usual: string[]; wide: string[] }) =>
      flags.output === "wide" ? [...usual, ...wide] : usual;
    const rows = objects.map((one) => [
      ...(flags.allNamespaces ? [one.metadata.namespace ?? DEFAULT_NAMESPACE] : []),
      ...shown(objectRow(one, context.now())),
    ]);
    const headings = [...(flags.allNamespaces ? ["NAMESPACE"] : []), ...shown(OBJECT_HEADINGS[kind])];
    context.out(table(flags.headers ? [headings, ...rows] : rows));
  }
  return 0;
}

/** kubectl prints fields by name. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
