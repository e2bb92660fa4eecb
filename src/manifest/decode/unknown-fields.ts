import type { Field } from "../schema.ts";
import { fieldsOf } from "../schema.ts";
import { type Entry, entryOf, isNull, type MapNode } from "../yaml/tree.ts";
import { child, type DecodeContext, type TrailStep } from "./context.ts";
import { nearest } from "./nearest.ts";

/** Words from other tools for fields that are named differently here. */
const ALIASES: Record<string, string> = {
  cmd: "command",
  cwd: "workingDir",
  entrypoint: "command",
  environment: "env",
  envs: "env",
  envVars: "env",
  grace: "terminationGracePeriodSeconds",
  http: "httpGet",
  mounts: "volumeMounts",
  mount: "mountPath",
  path: "mountPath",
  port: "containerPort",
  restart: "restartPolicy",
  targetPort: "containerPort",
  tcp: "tcpSocket",
  user: "runAsUser",
  workdir: "workingDir",
};

/** The same, where the word is right in other places: by type and word. */
const ALIASES_OF: Record<string, string> = {
  "ConfigMapVolumeSource.configMapName": "name",
  "PersistentVolumeClaimVolumeSource.name": "claimName",
  "SecretVolumeSource.name": "secretName",
};

const workload =
  "a Pod is one pod: what makes pods from a template is a Deployment (kind: Deployment, apiVersion: apps/v1)";
/** Fields of other kinds: what they are part of. */
const FOREIGN: Record<string, Suggestion> = {
  // Its containers are not missing: they are in the template.
  "PodSpec.template": { meant: "containers", help: workload },
  "PodSpec.replicas": { help: workload },
  "PodSpec.selector": { help: workload },
  "PodSpec.strategy": { help: workload },
};

interface Suggestion {
  /** The field that was meant, if it is one of this object. */
  meant?: string;
  /** Printed beside the caret. */
  note?: string;
  /** Printed after the fact, for what belongs elsewhere. */
  place?: string;
  /** Nothing stands at that place, outside this object: what is looked for there is misplaced, not missing. */
  misplaced?: boolean;
  /** The field of this object that it belongs into: while that is empty, it is not missing but written beside it. */
  parent?: string;
  help?: string;
}

/** Reports the fields of an object that its type does not have, each with the most likely intention. */
export function reportUnknown(context: DecodeContext, trail: TrailStep[], unknown: Entry[]): void {
  const { type, path, node } = trail.at(-1) as TrailStep;
  const unexplained: Entry[] = [];
  for (const entry of unknown) {
    const suggestion = suggest(entry.key, trail);
    if (suggestion === undefined) unexplained.push(entry);
    else {
      reportOne(context, path, entry, suggestion);
      // A misspelt field is not missing too.
      if (suggestion.meant !== undefined) context.broken.add(child(path, suggestion.meant));
      if (suggestion.misplaced && suggestion.place !== undefined) context.broken.add(suggestion.place);
      if (suggestion.parent !== undefined && isEmpty(node, suggestion.parent))
        context.broken.add(child(path, suggestion.parent));
    }
  }
  if (unexplained.length === 0) return;
  const alike = looksLike(trail);
  if (alike === undefined)
    for (const entry of unexplained) reportOne(context, path, entry, { help: known(trail) });
  else reportAlike(context, { type, path, node }, unexplained, alike);
}

function reportOne(
  context: DecodeContext,
  path: string,
  entry: Entry,
  { note, place, help }: Suggestion,
): void {
  const where = path === "" ? "" : `${path}: `;
  context.report({
    severity: "error",
    code: "TS2001",
    path: child(path, entry.key),
    span: entry.keySpan,
    message: `${where}unknown field "${entry.key}"${place === undefined ? "" : ` — did you mean ${place}?`}`,
    ...(note === undefined ? {} : { note }),
    ...(help === undefined ? {} : { help }),
  });
}

function reportAlike(context: DecodeContext, step: TrailStep, unknown: Entry[], alike: string): void {
  const missing = [...fieldsOf(step.type).values()].filter(
    ({ name, required }) => required && entryOf(step.node, name) === undefined,
  );
  for (const { name } of missing) context.broken.add(child(step.path, name));
  const names = unknown.map(({ key }) => `"${key}"`).join(", ");
  const lacks =
    missing.length === 0
      ? ""
      : `; missing required field${missing.length > 1 ? "s" : ""} ${missing.map(({ name }) => `"${name}"`).join(", ")}`;
  context.report({
    severity: "error",
    code: "TS2001",
    path: step.path,
    span: (unknown[0] as Entry).keySpan,
    message: `${step.path}: unknown field${unknown.length > 1 ? "s" : ""} ${names} — this looks like a ${alike} item${lacks}`,
    help: `if it is one, move it into the list "${alike}"`,
  });
}

function known(trail: TrailStep[]): string {
  const { type, path } = trail.at(-1) as TrailStep;
  const names = [...fieldsOf(type).keys()];
  if (names.length <= 12) return `known fields here: ${names.join(", ")}`;
  const kind = trail[0]?.type.toLowerCase() ?? "pod";
  return `tspod explain ${child(kind, path.replace(/\[[^\]]*\]/g, "")).replace(/\.$/, "")} lists the known fields`;
}

function suggest(key: string, trail: TrailStep[]): Suggestion | undefined {
  const { type, path } = trail.at(-1) as TrailStep;
  const fields = fieldsOf(type);
  const own = ALIASES_OF[`${type}.${key}`];
  if (own !== undefined) return { meant: own, note: `did you mean "${own}"?` };
  const foreign = FOREIGN[`${type}.${key}`];
  if (foreign !== undefined) return foreign;
  const owner = trail.slice(0, -1).findLast((step) => fieldsOf(step.type).has(key));
  if (owner !== undefined) return elsewhere(key, owner);
  const alias = ALIASES[key];
  const near = nearest(key, fields.keys()) ?? (alias !== undefined && fields.has(alias) ? alias : undefined);
  if (near !== undefined) return { meant: near, note: `did you mean "${near}"?` };
  if (type === "ResourceRequirements") return inside(path, `limits.${key}`);
  const below = findBelow(key, type);
  return below === undefined ? undefined : inside(path, below);
}

const isEmpty = (node: MapNode, key: string): boolean => {
  const value = entryOf(node, key)?.value;
  return value === undefined || isNull(value);
};

function inside(path: string, below: string): Suggestion {
  const outer = below.slice(0, below.lastIndexOf(".")).replace("[*]", "");
  const parent = /^\w+/.exec(below)?.[0] as string;
  return { parent, place: child(path, below), help: `write it inside "${outer}:", indented below it` };
}

function elsewhere(key: string, { path, node }: TrailStep): Suggestion {
  const neighbour = node.entries[0]?.key;
  const owner = path === "" ? "the object itself" : path;
  const help = `"${key}" belongs to ${owner}${neighbour === undefined ? "" : `: write it next to "${neighbour}"`}`;
  return { place: child(path, key), misplaced: entryOf(node, key) === undefined, help };
}

/** Looks for a field in what the type contains, two levels down: `capabilities` is in `securityContext`. */
function findBelow(key: string, type: string): string | undefined {
  const queue: { type: string; path: string; depth: number }[] = [{ type, path: "", depth: 0 }];
  for (const { type, path, depth } of queue) {
    for (const field of fieldsOf(type).values()) {
      if (field.type === undefined || depth === 2) continue;
      const step = child(path, field.name) + (field.shape === "list" ? "[*]" : "");
      if (fieldsOf(field.type).has(key)) return `${step}.${key}`;
      queue.push({ type: field.type, path: step, depth: depth + 1 });
    }
  }
  return undefined;
}

/** The list, of this object or one around it, whose items have all the fields that the object has. */
function looksLike(trail: TrailStep[]): string | undefined {
  const { node } = trail.at(-1) as { node: MapNode };
  const keys = node.entries.map(({ key }) => key);
  for (const { type } of trail.toReversed().slice(1)) {
    const list = [...fieldsOf(type).values()].find(
      (field: Field) =>
        field.shape === "list" &&
        field.type !== undefined &&
        keys.every((key) => fieldsOf(field.type as string).has(key)),
    );
    if (list !== undefined) return list.name;
  }
  return undefined;
}
