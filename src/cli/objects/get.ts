import { isWorkload, matchesSelector, parseSelector } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { Host } from "../../runtime/host.ts";
import type { Context } from "../context.ts";
import { sorted } from "../jsonpath/evaluate.ts";
import { DEFAULT_NAMESPACE, namespaceOf, openPods } from "../pods.ts";
import { OBJECT_HEADINGS, objectRow } from "../render/object-row.ts";
import { labelsText, printed, sortedBy } from "../render/output.ts";
import { table } from "../render/table.ts";
import type { NamedObjects } from "./kinds.ts";

export interface GetObjectsFlags {
  allNamespaces?: boolean;
  headers: boolean;
  selector?: string;
  sortBy?: string;
  showLabels?: boolean;
  /** See render/output.ts. */
  output?: string;
}

/** Workloads with what their pods do at this moment. */
async function counted(host: Host, objects: StoredObject[]): Promise<StoredObject[]> {
  if (!objects.some(isWorkload)) return objects;
  const { withStatusNow } = await import("../../workload/index.ts");
  return objects.map((one) => (isWorkload(one) ? withStatusNow(host, one) : one));
}

/** `get KIND [NAME…]` for what is stored. */
export async function getObjects(
  context: Context,
  { kind, names }: NamedObjects,
  flags: GetObjectsFlags,
): Promise<number> {
  const { host, core } = await openPods(context);
  const namespace = namespaceOf(context);
  const selector = flags.selector === undefined ? [] : parseSelector(flags.selector);
  const found: StoredObject[] =
    names.length > 0
      ? names.map((name) => core.getObject(host, kind, { namespace, name }))
      : core
          .allObjects(host, kind, flags.allNamespaces ? undefined : namespace)
          .filter(({ metadata }) => matchesSelector(selector, metadata.labels));
  const objects = await sortedBy(await counted(host, found), flags.sortBy, (one) => one);
  const text = await printed(objects.map(sorted) as StoredObject[], { ...flags, single: names.length === 1 });
  if (text !== undefined) context.out(text);
  else if (objects.length === 0) {
    const where = flags.allNamespaces ? "" : ` in ${namespace} namespace`;
    context.err(`No resources found${where}.\n`);
  } else {
    const shown = ({ usual, wide }: { usual: string[]; wide: string[] }) =>
      flags.output === "wide" ? [...usual, ...wide] : usual;
    const rows = objects.map((one) => [
      ...(flags.allNamespaces ? [one.metadata.namespace ?? DEFAULT_NAMESPACE] : []),
      ...shown(objectRow(one, context.now())),
      ...(flags.showLabels ? [labelsText(one.metadata.labels)] : []),
    ]);
    const headings = [
      ...(flags.allNamespaces ? ["NAMESPACE"] : []),
      ...shown(OBJECT_HEADINGS[kind]),
      ...(flags.showLabels ? ["LABELS"] : []),
    ];
    context.out(table(flags.headers ? [headings, ...rows] : rows));
  }
  return 0;
}
