import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { isWorkload, matchesSelector, parseSelector } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { Host } from "../../runtime/host.ts";
import type { Context } from "../context.ts";
import { fieldSelector } from "../field-selector.ts";
import { sorted } from "../jsonpath/evaluate.ts";
import { tell } from "../list-pods.ts";
import { DEFAULT_NAMESPACE, namespaceOf, openPods, type Pods } from "../pods.ts";
import { labelCells, labelHeadings } from "../render/labels.ts";
import { OBJECT_HEADINGS, objectRow } from "../render/object-row.ts";
import { printed, sortedBy } from "../render/output.ts";
import { table } from "../render/table.ts";
import type { NamedObjects } from "./kinds.ts";

export interface GetObjectsFlags {
  allNamespaces?: boolean;
  watch?: boolean;
  headers: boolean;
  selector?: string;
  sortBy?: string;
  showLabels?: boolean;
  labelColumns?: string[];
  fieldSelector?: string;
  ignoreNotFound?: boolean;
  /** See render/output.ts. */
  output?: string;
}

/** Workloads with what their pods do at this moment. */
async function counted(host: Host, objects: StoredObject[]): Promise<StoredObject[]> {
  if (!objects.some(isWorkload)) return objects;
  const { podsNow, withStatusNow } = await import("../../workload/index.ts");
  const pods = podsNow(host);
  return objects.map((one) => (isWorkload(one) ? withStatusNow(host, one, pods) : one));
}

/** `get KIND [NAME…]` for what is stored. */
export async function getObjects(
  context: Context,
  wanted: NamedObjects,
  flags: GetObjectsFlags,
): Promise<number> {
  const pods = await openPods(context);
  if (flags.watch) return watch(context, pods, wanted, flags);
  const { found, missing } = await collect(context, pods, wanted, flags);
  const objects = await sortedBy(found, flags.sortBy, (one) => one);
  const single = wanted.names.length === 1;
  if (objects.length === 0 && missing[0]) throw missing[0];
  if (objects.length === 0 && wanted.names.length > 0) return 0;
  const text = await printed(objects.map(sorted) as StoredObject[], { ...flags, single });
  if (text !== undefined) context.out(text);
  else if (objects.length === 0) {
    const where = flags.allNamespaces ? "" : ` in ${namespaceOf(context)} namespace`;
    context.err(`No resources found${where}.\n`);
  } else {
    const rows = objects.map((one) => rowOf(one, flags, context.now()));
    context.out(table(flags.headers ? [headingsOf(wanted, flags), ...rows] : rows));
  }
  return tell(context, missing);
}

/** Objects of one kind, workloads with what their pods do now. */
export async function collect(
  context: Context,
  { host, core }: Pods,
  { kind, names }: NamedObjects,
  flags: GetObjectsFlags,
): Promise<{ found: StoredObject[]; missing: TspodError[] }> {
  const namespace = namespaceOf(context);
  const selector = flags.selector === undefined ? [] : parseSelector(flags.selector);
  const hasFields = fieldSelector(kind, flags.fieldSelector);
  const missing: TspodError[] = [];
  const named = (name: string): StoredObject[] => {
    try {
      return [core.getObject(host, kind, { namespace, name })];
    } catch (error) {
      if (!(error instanceof TspodError) || error.exitCode !== ExitCode.notFound) throw error;
      if (!flags.ignoreNotFound) missing.push(error);
      return [];
    }
  };
  const found: StoredObject[] =
    names.length > 0
      ? names.flatMap(named)
      : core
          .allObjects(host, kind, flags.allNamespaces ? undefined : namespace)
          .filter(({ metadata }) => matchesSelector(selector, metadata.labels));
  return { found: (await counted(host, found)).filter(hasFields), missing };
}

const WATCH_INTERVAL_MS = 200;

/** Prints the list, then a line for each object whose line has changed in more than its age. Ends with Ctrl-C. */
async function watch(
  context: Context,
  pods: Pods,
  wanted: NamedObjects,
  flags: GetObjectsFlags,
): Promise<number> {
  const last = new Map<string | undefined, string>();
  const widths: number[] = [];
  let { headers } = flags;
  for (;;) {
    const { found, missing } = await collect(context, pods, wanted, flags);
    if (missing[0]) throw missing[0];
    const changed = found.filter((one) => {
      // Of no age, so that time alone changes nothing.
      const line = rowOf(one, flags, new Date(one.metadata.creationTimestamp ?? 0)).join(" ");
      if (last.get(one.metadata.uid ?? one.metadata.name) === line) return false;
      last.set(one.metadata.uid ?? one.metadata.name, line);
      return true;
    });
    const rows = changed.map((one) => rowOf(one, flags, context.now()));
    if (rows.length > 0) context.out(table(headers ? [headingsOf(wanted, flags), ...rows] : rows, widths));
    if (rows.length > 0) headers = false;
    await sleep(WATCH_INTERVAL_MS);
  }
}

const cellsOf = (
  { usual, wide }: { usual: string[]; wide: string[] },
  { output }: GetObjectsFlags,
): string[] => (output === "wide" ? [...usual, ...wide] : usual);

export const headingsOf = ({ kind }: Pick<NamedObjects, "kind">, flags: GetObjectsFlags): string[] => [
  ...(flags.allNamespaces ? ["NAMESPACE"] : []),
  ...cellsOf(OBJECT_HEADINGS[kind], flags),
  ...labelHeadings(flags),
];

export const rowOf = (one: StoredObject, flags: GetObjectsFlags, now: Date): string[] => [
  ...(flags.allNamespaces ? [one.metadata.namespace ?? DEFAULT_NAMESPACE] : []),
  ...cellsOf(objectRow(one, now), flags),
  ...labelCells(one.metadata.labels, flags),
];
