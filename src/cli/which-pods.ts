import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { matchesSelector, parseSelector } from "../manifest/index.ts";
import type { Context } from "./context.ts";
import { namespaceOf, type Pods, withoutKind } from "./pods.ts";

export interface WhichPods {
  all?: boolean;
  selector?: string;
  allNamespaces?: boolean;
}

/**
 * The names typed, or the uids of the pods that `--all` or `-l` select. Says so when there are none. @throws TspodError
 * TS3406 when neither is given, or both are
 */
export function whichPods(
  context: Context,
  pods: Pods,
  words: readonly string[],
  flags: WhichPods,
): string[] {
  const found = chosenPods(context, pods, words, flags);
  if (found.length === 0) context.err("No resources found\n");
  return found;
}

/** As `whichPods`, which leaves it to the caller to say that there are none. */
export function chosenPods(
  context: Context,
  { core, host }: Pods,
  words: readonly string[],
  { all, selector, allNamespaces }: WhichPods,
): string[] {
  const names = withoutKind([...words]);
  const many = all || selector !== undefined;
  if (names.length > 0 && all) throw usage("cannot set --all and name a pod");
  if (names.length > 0 && many) throw usage("a selector and the name of a pod cannot be used together");
  if (names.length > 0) return names;
  if (!many) throw usage("which pod?");
  const wanted = selector === undefined ? [] : parseSelector(selector);
  return core
    .listPods(host)
    .filter(({ record }) => allNamespaces || record.namespace === namespaceOf(context))
    .filter(({ record }) => matchesSelector(wanted, record.pod.metadata?.labels))
    .map(({ record }) => record.uid);
}

/** Neither names nor a choice, or both. */
export function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3406",
    message,
    hint: "name one or more, or say --all or -l LABELS",
    exitCode: ExitCode.invalid,
  });
}
