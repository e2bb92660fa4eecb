import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { WORKLOAD_KINDS } from "../../manifest/workload-object.ts";
import type { StoredKind } from "../../pod/index.ts";
import { namedObjects } from "./kinds.ts";

export interface NamedThings {
  kind: StoredKind | "Pod";
  /** None: all there are. */
  names: string[];
}

/** What kubectl's category `all` holds, in its order. */
const ALL: (StoredKind | "Pod")[] = ["Pod", "Service", ...WORKLOAD_KINDS];

/**
 * `all`, `deploy,cm [NAME…]` and `deploy/web cm/page`; undefined for words that name a single kind.
 *
 * @throws TspodError TS3405 for a kind that is none, or names after `all`
 */
export function severalKinds(
  [first = "", ...rest]: readonly string[],
  command = "get",
): NamedThings[] | undefined {
  if (first === "all") {
    if (rest.length > 0) throw usage("`all` takes no names", `tspod ${command} KIND NAME`);
    return ALL.map((kind) => ({ kind, names: [] }));
  }
  if (first.includes(",") && !first.includes("/"))
    return first
      .split(",")
      .filter((word) => word !== "")
      .map((word) => ({ ...oneKind(word, command), names: rest }));
  const words = [first, ...rest];
  if (words.length < 2 || !words.every((word) => word.includes("/"))) return undefined;
  return words.map((word) => oneKind(word, command));
}

function oneKind(word: string, command: string): NamedThings {
  const pod = /^(?:pods?|po)(?:\/(.+))?$/i.exec(word);
  if (pod) return { kind: "Pod", names: pod[1] === undefined ? [] : [pod[1]] };
  const objects = namedObjects([word]);
  if (!objects) throw unknownKind(word, command);
  return objects;
}

/** Kinds of a cluster that are something else here. */
const OTHERWISE: [RegExp, string][] = [
  [/^(events?|ev)$/i, "events stand alone: tspod get events"],
  [/^(nodes?|no)$/i, "this machine is the only node: tspod doctor"],
  [/^(namespaces?|ns)$/i, "namespaces are only names here: tspod get pods -A"],
];

/** For a word that is no kind: it may be a pod's name. */
export function unknownKind(word: string, command = "get"): TspodError {
  const otherwise = OTHERWISE.find(([kind]) => kind.test(word))?.[1];
  if (otherwise) return usage(`${command} does not know "${word}"`, otherwise);
  return usage(
    `${command} does not know "${word}": it knows pods, workloads (deployments, jobs …), services, configmaps, secrets, persistentvolumeclaims, and all`,
    `tspod get pods, or for the pod of that name: tspod ${command} pods ${word}`,
  );
}

/** For `create pod web`, as kubectl has it of more kinds. */
export function cannotBeMade(word: string): TspodError {
  const hint = /^(namespaces?|ns)$/i.test(word)
    ? "namespaces are only names here: tspod -n NAME, or metadata.namespace"
    : "all else is created of files: tspod create -f FILE";
  return usage(
    `create does not know "${word}": it makes deployment, job, cronjob, configmap and secret of flags`,
    hint,
  );
}

export function usage(message: string, hint: string): TspodError {
  return new TspodError({ code: "TS3405", message, hint, exitCode: ExitCode.invalid });
}
