import type { Fault } from "./fault.ts";
import { type Entry, entryOf, type ListNode, type MapNode, plainValue } from "./yaml/tree.ts";

/** Written by the server; of no meaning when the object is created again. */
export const SERVER_METADATA = [
  "uid",
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "resourceVersion",
  "managedFields",
  "ownerReferences",
  "selfLink",
  "generation",
];

const without = (map: MapNode, keys: string[]): MapNode => ({
  ...map,
  entries: map.entries.filter(({ key }) => !keys.includes(key)),
});

const replace = (map: MapNode, key: string, value: MapNode | ListNode): MapNode => ({
  ...map,
  entries: map.entries.map((entry) => (entry.key === key ? { ...entry, value } : entry)),
});

/**
 * Takes away what a cluster has added, so that the output of `kubectl get pod -o yaml` can be run: status, the
 * server's metadata and, with a line that says so, the node's name and the volume with the service account's token.
 */
export function pruneServerFields(node: MapNode, report: (fault: Fault) => void): MapNode {
  const metadata = entryOf(node, "metadata")?.value;
  let pruned = without(node, ["status"]);
  if (metadata?.kind !== "map") return pruned;
  const fromCluster = ["uid", "resourceVersion"].some((key) => entryOf(metadata, key) !== undefined);
  pruned = replace(pruned, "metadata", without(metadata, SERVER_METADATA));
  const spec = entryOf(pruned, "spec")?.value;
  if (!fromCluster || spec?.kind !== "map") return pruned;
  const kind = entryOf(pruned, "kind")?.value;
  if (kind?.kind === "scalar" && kind.text === "Job")
    return replace(withoutJobLabels(pruned), "spec", withoutJobSelector(spec, report));
  return replace(pruned, "spec", withoutToken(withoutDebuggers(withoutNode(spec, report), report), report));
}

/** What ties a Job to its pods: the controller sets it anew, by the uid that the new one gets. */
const JOB_LABELS = ["controller-uid", "job-name"].flatMap((name) => [name, `batch.kubernetes.io/${name}`]);

function withoutJobSelector(spec: MapNode, report: (fault: Fault) => void): MapNode {
  const manual = entryOf(spec, "manualSelector")?.value;
  const entry = entryOf(spec, "selector");
  if (entry === undefined || (manual !== undefined && plainValue(manual) === true)) return spec;
  report(
    dropped("spec.selector", entry, "left out, with its labels: it names the uid of the job that it was"),
  );
  const template = entryOf(spec, "template")?.value;
  const pruned = without(spec, ["selector"]);
  return template?.kind === "map" ? replace(pruned, "template", withoutJobLabels(template)) : pruned;
}

function withoutJobLabels(owner: MapNode): MapNode {
  const metadata = entryOf(owner, "metadata")?.value;
  const labels = metadata?.kind === "map" ? entryOf(metadata, "labels")?.value : undefined;
  if (metadata?.kind !== "map" || labels?.kind !== "map") return owner;
  const others = without(labels, JOB_LABELS);
  const pruned =
    others.entries.length > 0 ? replace(metadata, "labels", others) : without(metadata, ["labels"]);
  return replace(owner, "metadata", pruned);
}

function withoutDebuggers(spec: MapNode, report: (fault: Fault) => void): MapNode {
  const entry = entryOf(spec, "ephemeralContainers");
  if (entry === undefined) return spec;
  report(dropped("spec.ephemeralContainers", entry, "left out: somebody looked into the pod with them"));
  return without(spec, ["ephemeralContainers"]);
}

function withoutNode(spec: MapNode, report: (fault: Fault) => void): MapNode {
  const entry = entryOf(spec, "nodeName");
  if (entry === undefined) return spec;
  report(dropped("spec.nodeName", entry, `left out: "${plainValue(entry.value)}" is the node it ran on`));
  return without(spec, ["nodeName"]);
}

const dropped = (path: string, { keySpan }: Pick<Entry, "keySpan">, what: string): Fault => ({
  severity: "warning",
  code: "TS2010",
  path,
  span: keySpan,
  message: `${path}: ${what}`,
});

function withoutToken(spec: MapNode, report: (fault: Fault) => void): MapNode {
  const volumes = entryOf(spec, "volumes");
  if (volumes?.value.kind !== "list") return spec;
  const index = volumes.value.items.findIndex((item) => /^kube-api-access-/.test(nameOf(item as MapNode)));
  const token = volumes.value.items[index];
  if (token?.kind !== "map") return spec;
  const name = nameOf(token);
  const what = `left out: volume "${name}" and its mounts are a cluster's own access token`;
  report(dropped(`spec.volumes[${index}]`, token.entries[0] ?? volumes, what));
  let pruned = withoutItems(spec, "volumes", name);
  for (const list of ["containers", "initContainers"]) {
    const containers = entryOf(pruned, list)?.value;
    if (containers?.kind !== "list") continue;
    const items = containers.items.map((item) =>
      item.kind === "map" ? withoutItems(item, "volumeMounts", name) : item,
    );
    pruned = replace(pruned, list, { ...containers, items });
  }
  return pruned;
}

/** Without the items of that name; without the list too if it becomes empty. */
function withoutItems(map: MapNode, key: string, name: string): MapNode {
  const list = entryOf(map, key)?.value;
  if (list?.kind !== "list") return map;
  const items = list.items.filter((item) => nameOf(item as MapNode) !== name);
  return items.length === 0 ? without(map, [key]) : replace(map, key, { ...list, items });
}

const nameOf = (item: MapNode): string => {
  const name = item.kind === "map" ? entryOf(item, "name")?.value : undefined;
  return name?.kind === "scalar" ? name.text : "";
};
