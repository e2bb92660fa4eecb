import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { matchesSelector, parseSelector, singular } from "../manifest/index.ts";
import type { StoredKind, StoredObject } from "../pod/index.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { namedObjects } from "./objects/kinds.ts";
import { namespaceOf, type Pods, pick, withoutKind } from "./pods.ts";

/** What a command that takes `KIND NAME…`, `KIND/NAME…` or a pod's name is about. */
export type Target =
  | { kind: "Pod"; name: string; view: PodView }
  | { kind: StoredKind; name: string; object: StoredObject };

export interface TargetFlags {
  all?: boolean;
  selector?: string;
  allNamespaces?: boolean;
}

/** `pod/web`, as kubectl prints what it has done something to. */
export function shown({ kind, name }: Pick<Target, "kind" | "name">): string {
  return `${singular(kind)}/${name}`;
}

/**
 * The pods or stored objects that words and flags name, in the order given. @throws TspodError TS3406 when none is named,
 * TS3401, TS3402 or TS3431 for one that is not there
 */
export function targetsOf(
  context: Context,
  pods: Pods,
  words: readonly string[],
  flags: TargetFlags = {},
): Target[] {
  const { core, host } = pods;
  // `pod/web cm/site`: kinds may differ.
  if (words.length > 1 && words.every((word) => word.includes("/")))
    return words.flatMap((word) => targetsOf(context, pods, [word], flags));
  const objects = namedObjects(words);
  const names = objects ? objects.names : withoutKind([...words]);
  const many = flags.all || flags.selector !== undefined;
  if (names.length > 0 && flags.all) throw usage("cannot set --all and name a resource");
  if (names.length > 0 && flags.selector !== undefined)
    throw usage("selectors and the name of a resource cannot be used together");
  if (names.length === 0 && !many) throw usage("resource(s) were provided, but no name was specified");
  const namespace = flags.allNamespaces ? undefined : namespaceOf(context);
  const selector = flags.selector === undefined ? [] : parseSelector(flags.selector);
  if (objects) {
    const { kind } = objects;
    const found = many
      ? core
          .allObjects(host, kind, namespace)
          .filter(({ metadata }) => matchesSelector(selector, metadata.labels))
      : names.map((name) => core.getObject(host, kind, { namespace: namespaceOf(context), name }));
    return found.map((object) => ({ kind, name: object.metadata.name, object }));
  }
  const views = many
    ? core
        .listPods(host)
        .filter(({ record }) => namespace === undefined || record.namespace === namespace)
        .filter(({ record }) => matchesSelector(selector, record.pod.metadata?.labels))
    : names.map((name) => pick(context, pods, name));
  return views.map((view) => ({ kind: "Pod", name: view.record.name, view }));
}

function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3406",
    message,
    hint: "name one or more, as pod/NAME or KIND NAME, or say --all or -l SELECTOR",
    exitCode: ExitCode.invalid,
  });
}
