import type { TspodError } from "../../errors/tspod-error.ts";
import { singular } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import { podWithStatus } from "../../pod/status.ts";
import type { Context } from "../context.ts";
import { sorted } from "../jsonpath/evaluate.ts";
import { collect as collectPods, rowsOf as podRows, tell } from "../list-pods.ts";
import { namespaceOf, openPods } from "../pods.ts";
import { type Printable, printed, sortedBy } from "../render/output.ts";
import { table } from "../render/table.ts";
import { collect, type GetObjectsFlags, headingsOf, rowOf } from "./get.ts";
import type { NamedThings } from "./several.ts";

interface Part {
  missing: readonly TspodError[];
  objects: Printable[];
  /** With headings, if they are wanted and there is an object. */
  rows: string[][];
}

/** `get all`, `get deploy,cm` and `get deploy/web cm/page`: a table for each kind there is something of, or one list. */
export async function getSeveral(
  context: Context,
  wanted: readonly NamedThings[],
  flags: GetObjectsFlags,
): Promise<number> {
  const parts = await Promise.all(wanted.map((one) => part(context, one, flags)));
  const missing = parts.flatMap((one) => one.missing);
  const named = wanted.some(({ names }) => names.length > 0);
  if (named && parts.every(({ objects }) => objects.length === 0)) return tell(context, missing);
  const text = await printed(
    parts.flatMap(({ objects }) => objects),
    { ...flags, single: false },
  );
  const tables = parts.filter(({ objects }) => objects.length > 0).map(({ rows }) => table(rows));
  if (text !== undefined) context.out(text);
  else if (tables.length > 0) context.out(tables.join("\n"));
  else
    context.err(`No resources found${flags.allNamespaces ? "" : ` in ${namespaceOf(context)} namespace`}.\n`);
  return tell(context, missing);
}

async function part(context: Context, wanted: NamedThings, flags: GetObjectsFlags): Promise<Part> {
  const pods = await openPods(context);
  if (wanted.kind === "Pod") {
    const all = { ...flags, all: true };
    const { shown, missing } = collectPods(context, pods, wanted.names, all);
    const views = await sortedBy(shown, flags.sortBy, podWithStatus);
    return {
      missing,
      objects: views.map(podWithStatus),
      rows: withKind("Pod", podRows(context, views, all), flags),
    };
  }
  const { kind, names } = wanted;
  const { found, missing } = await collect(context, pods, { kind, names }, flags);
  const objects = (await sortedBy(found, flags.sortBy, (one) => one)).map(sorted) as StoredObject[];
  const rows = objects.map((one) => rowOf(one, flags, context.now()));
  return {
    missing,
    objects,
    rows: withKind(kind, flags.headers ? [headingsOf({ kind }, flags), ...rows] : rows, flags),
  };
}

/** `deployment.apps/web` in the column NAME, as kubectl tells kinds apart. */
function withKind(kind: string, rows: string[][], { headers, allNamespaces }: GetObjectsFlags): string[][] {
  const column = allNamespaces ? 1 : 0;
  const named = (cell: string, at: number) => (at === column ? `${singular(kind)}/${cell}` : cell);
  return rows.map((row, index) => (headers && index === 0 ? row : row.map(named)));
}
