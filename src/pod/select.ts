import { ExitCode, TspodError } from "../errors/tspod-error.ts";

/** What a pod is selected by; a PodView's record fits. */
export interface Selectable {
  record: { uid: string; name: string; namespace: string };
}

/**
 * The pod that `wanted` names: a name, `pod/NAME`, a uid, or a prefix of a name or uid that only one pod has. An exact
 * match goes before prefixes. `namespace` limits names, not uids; undefined looks everywhere.
 * @throws TspodError TS3401 (exit 4) when there is none, TS3402 (exit 2) when there are several.
 */
export function selectPod<V extends Selectable>(
  pods: readonly V[],
  wanted: string,
  namespace: string | undefined,
): V {
  const text = wanted.replace(/^(pod|pods|po)\//, "");
  const here = pods.filter(({ record }) => namespace === undefined || record.namespace === namespace);
  const roads: V[][] =
    text === ""
      ? []
      : [
          here.filter(({ record }) => record.name === text),
          pods.filter(({ record }) => record.uid === text),
          unique([
            ...here.filter(({ record }) => record.name.startsWith(text)),
            ...pods.filter(({ record }) => text.length >= 4 && record.uid.startsWith(text)),
          ]),
        ];
  const found = roads.find((road) => road.length > 0) ?? [];
  if (found.length > 1) throw ambiguous(text, found);
  const [pod] = found;
  if (!pod) throw notFound(text, pods, namespace);
  return pod;
}

function unique<T>(items: T[]): T[] {
  return [...new Set(items)];
}

function ambiguous(text: string, found: readonly Selectable[]): TspodError {
  const names = found.map(({ record }) => `${record.namespace}/${record.name} (${record.uid})`);
  return new TspodError({
    code: "TS3402",
    message: `"${text}" selects ${found.length} pods: ${names.join(", ")}`,
    hint: "give the whole name, more of the uid, or -n NAMESPACE",
    exitCode: ExitCode.invalid,
  });
}

function notFound(text: string, pods: readonly Selectable[], namespace: string | undefined): TspodError {
  const elsewhere = pods.filter(({ record }) => record.name === text && record.namespace !== namespace);
  const [first] = elsewhere;
  const hint = /\.(ya?ml|json)$/.test(text)
    ? `that is a manifest file's name: \`tspod down ${text}\` removes the pods it names`
    : first
      ? `there is one in namespace "${first.record.namespace}": add -n ${first.record.namespace}`
      : pods.length > 0
        ? `there ${pods.length === 1 ? "is" : "are"}: ${someOf(pods)}`
        : undefined;
  return new TspodError({
    code: "TS3401",
    message: `pod "${text}" not found`,
    ...(hint ? { hint } : {}),
    exitCode: ExitCode.notFound,
  });
}

/** A hint is to be read. */
const LISTED = 10;

function someOf(pods: readonly Selectable[]): string {
  const names = pods.map(({ record }) => record.name);
  const more = names.length - LISTED;
  return more > 0
    ? `${names.slice(0, LISTED).join(", ")}, and ${more} more (tspod get pods -A)`
    : names.join(", ");
}
