import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { matchesSelector, parseSelector } from "../manifest/index.ts";
import { momentsAfter } from "../pod/moments.ts";
import { selectPod } from "../pod/select.ts";
import { podWithStatus } from "../pod/status.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { fieldSelector } from "./field-selector.ts";
import { namespaceOf, openPods, type Pods } from "./pods.ts";
import { renderError } from "./render/error.ts";
import { INFRA_HEADINGS, infraRows } from "./render/infra-list.ts";
import { labelCells, labelHeadings } from "./render/labels.ts";
import { printed, sortedBy } from "./render/output.ts";
import { cells, headings } from "./render/pod-list.ts";
import { podRow } from "./render/pod-row.ts";
import { portsText } from "./render/ports.ts";
import { table } from "./render/table.ts";

export interface ListFlags {
  all?: boolean;
  /** A pod or object that was named and is not there is passed over. */
  ignoreNotFound?: boolean;
  fieldSelector?: string;
  /** Keys of labels, each a column. */
  labelColumns?: string[];
  allNamespaces?: boolean;
  watch?: boolean;
  infra?: boolean;
  selector?: string;
  headers: boolean;
  sortBy?: string;
  showLabels?: boolean;
  /** See render/output.ts. */
  output?: string;
}

const WATCH_INTERVAL_MS = 100;

/** `ps` and `get pods`. */
export async function listCommand(context: Context, names: string[], flags: ListFlags): Promise<number> {
  const pods = await openPods(context);
  if (flags.watch) return watch(context, pods, names, flags);
  const { shown: found, hidden, elsewhere, missing } = collect(context, pods, names, flags);
  const shown = await sortedBy(found, flags.sortBy, podWithStatus);
  const single = names.length === 1;
  if (shown.length === 0 && missing[0]) throw missing[0];
  if (shown.length === 0 && names.length > 0) return 0;
  const text = await printed(shown.map(podWithStatus), { ...flags, single });
  if (text !== undefined) context.out(text);
  else if (shown.length > 0) context.out(table(rowsOf(context, shown, flags)));
  else context.err(nothing(context, flags));
  if (text !== undefined) return tell(context, missing);
  if (hidden > 0) context.err(notShown(hidden));
  if (shown.length === 0 && elsewhere > 0) context.err(inOtherNamespaces(elsewhere));
  return tell(context, missing);
}

/** Of several that were named, those that are there are shown all the same. */
export function tell(context: Context, missing: readonly TspodError[]): number {
  for (const error of missing) context.err(renderError(error, context.errStyle, false).text);
  return missing[0]?.exitCode ?? 0;
}

/** The pods that names and flags ask for, and how many they hide. */
export function collect(context: Context, { host, core }: Pods, names: string[], flags: ListFlags) {
  const selector = flags.selector === undefined ? [] : parseSelector(flags.selector);
  const every = core.listPods(host).sort(byName);
  const namespace = flags.allNamespaces ? undefined : namespaceOf(context);
  const missing: TspodError[] = [];
  if (names.length > 0) {
    const shown = names.flatMap((name) => {
      try {
        return selectPod(every, name, namespace);
      } catch (error) {
        if (!(error instanceof TspodError) || error.exitCode !== ExitCode.notFound) throw error;
        if (!flags.ignoreNotFound) missing.push(error);
        return [];
      }
    });
    return { shown, hidden: 0, elsewhere: 0, missing };
  }
  const here = every.filter(({ record }) => namespace === undefined || record.namespace === namespace);
  const hasFields = fieldSelector("Pod", flags.fieldSelector);
  const labelled = here.filter(({ record }) => matchesSelector(selector, record.pod.metadata?.labels));
  const matching =
    flags.fieldSelector === undefined ? labelled : labelled.filter((view) => hasFields(podWithStatus(view)));
  const shown = flags.all ? matching : matching.filter((view) => !hasEnded(view));
  return { shown, hidden: matching.length - shown.length, elsewhere: every.length - here.length, missing };
}

function hasEnded(view: PodView): boolean {
  const phase = podWithStatus(view).status?.phase;
  return phase === "Succeeded" || phase === "Failed";
}

/** A table of pods, with headings if they are wanted. */
export function rowsOf(context: Context, views: readonly PodView[], flags: ListFlags): string[][] {
  const now = context.now();
  if (flags.infra) {
    return [...(flags.headers ? [INFRA_HEADINGS] : []), ...views.flatMap((view) => infraRows(view, now))];
  }
  const options = { wide: flags.output === "wide", namespaces: flags.allNamespaces === true };
  const body = views.map((view) => [
    ...cells(podRow(podWithStatus(view), now), portsText(view.sandbox.ports), options),
    ...labelCells(view.record.pod.metadata?.labels, flags),
  ]);
  const heads = [...headings(options), ...labelHeadings(flags)];
  return [...(flags.headers ? [heads] : []), ...body];
}

/**
 * Prints the list, then a line for each pod whose line has changed in more than its age. Ends with the terminal's
 * Ctrl-C.
 */
async function watch(context: Context, pods: Pods, names: string[], flags: ListFlags): Promise<number> {
  const printed = new Map<string, string>();
  const seen = new Map<string, number>();
  const widths: number[] = [];
  let headers = flags.headers;
  for (let first = true; ; first = false) {
    const { shown, missing } = collect(context, pods, names, { ...flags, all: true });
    if (missing[0]) throw missing[0];
    const changed = shown.flatMap((view) => {
      const { uid } = view.record;
      const moments = momentsAfter(view, seen.get(uid) ?? 0);
      seen.set(uid, moments.at(-1)?.at ?? seen.get(uid) ?? 0);
      // What had become of a pod before anybody watched is not told again.
      const past = first ? [] : moments.map((moment) => moment.view);
      return [...past, view].filter((each) => {
        const { status, ready, restarts, ip } = podRow(podWithStatus(each), context.now());
        const line = `${status} ${ready} ${restarts.split(" ")[0]} ${ip} ${each.infraAlive}`;
        if (printed.get(uid) === line) return false;
        printed.set(uid, line);
        return true;
      });
    });
    if (changed.length > 0) {
      context.out(table(rowsOf(context, changed, { ...flags, headers }), widths));
      headers = false;
    }
    await sleep(WATCH_INTERVAL_MS);
  }
}

function nothing(context: Context, flags: ListFlags): string {
  return flags.allNamespaces
    ? "No resources found\n"
    : `No resources found in ${namespaceOf(context)} namespace.\n`;
}

function notShown(pods: number): string {
  return pods === 1
    ? "1 pod has ended and is not shown: tspod ps -a\n"
    : `${pods} pods have ended and are not shown: tspod ps -a\n`;
}

function inOtherNamespaces(pods: number): string {
  return pods === 1
    ? "1 pod is in another namespace: tspod ps -A\n"
    : `${pods} pods are in other namespaces: tspod ps -A\n`;
}

function byName(a: PodView, b: PodView): number {
  return a.record.namespace.localeCompare(b.record.namespace) || a.record.name.localeCompare(b.record.name);
}
