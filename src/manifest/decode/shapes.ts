import { type Field, fieldsOf } from "../schema.ts";
import { isNull, type ListNode, type MapNode, type ScalarNode, type TreeNode } from "../yaml/tree.ts";
import { kindOf, type Mismatch, showScalar, wanted } from "./scalars.ts";

/** A value that is a list where a map is wanted, and the like. */
export function wrongShape(field: Field, node: TreeNode): Mismatch {
  const one = field.scalar === undefined ? "a map of fields" : wanted(field.scalar);
  const plural = field.scalar === undefined ? "maps" : field.scalar === "s" ? "strings" : "values";
  const want =
    field.shape === "list" ? `a list of ${plural}` : field.shape === "map" ? `a map of ${plural}` : one;
  const shown = node.kind === "scalar" ? `${showScalar(node)}: ` : "";
  const mismatch: Mismatch = { message: `Invalid value: ${shown}must be ${want}, not ${kindOf(node)}` };
  const help = shapeHelp(field, node);
  return help === undefined ? mismatch : { ...mismatch, help };
}

function shapeHelp(field: Field, node: TreeNode): string | undefined {
  const unspaced = node.kind === "scalar" ? unspacedHelp(node) : undefined;
  if (unspaced !== undefined && field.scalar === undefined) return unspaced;
  if (field.shape === "map" && node.kind === "scalar") return pairsHelp(field, node);
  if (field.shape === "one" && node.kind === "scalar") return fieldHelp(field, node);
  if (field.shape === "one" && field.scalar === "s" && node.kind !== "scalar") return textHelp(node);
  if (field.shape === "list" && node.kind === "scalar") {
    const words = node.text.trim().split(/\s+/);
    if (field.name === "command" || field.name === "args")
      return `write ${field.name}: ${JSON.stringify(words)}, or ["sh", "-c", ${JSON.stringify(node.text)}] for a shell line`;
    return `write ${field.name}: [${field.scalar === "s" ? JSON.stringify(node.text) : node.text}]`;
  }
  if (field.shape === "list" && node.kind === "map") return listHelp(field, node);
  if (field.shape === "map" && node.kind === "list") return "write key: value pairs in place of the list";
  if (field.shape !== "list" && node.kind === "list") return 'remove the "- ": this is not a list';
  return undefined;
}

/** `name:web`: without a space after the colon it is one word. */
function unspacedHelp({ text, quoted }: ScalarNode): string | undefined {
  const pair = /^([A-Za-z][\w./-]*):([^\s/]\S*)/.exec(text);
  return quoted || pair === null ? undefined : `a space must follow the colon: write ${pair[1]}: ${pair[2]}`;
}

/** Types that are most often written as if they were their one field, and that field. */
const ONE_FIELD: Readonly<Record<string, string>> = {
  ConfigMapEnvSource: "name",
  ConfigMapVolumeSource: "name",
  ExecAction: "command",
  GRPCAction: "port",
  HTTPGetAction: "port",
  HostPathVolumeSource: "path",
  ImageVolumeSource: "reference",
  ObjectFieldSelector: "fieldPath",
  PersistentVolumeClaimVolumeSource: "claimName",
  PodOS: "name",
  SeccompProfile: "type",
  SecretEnvSource: "name",
  SecretVolumeSource: "secretName",
  SleepAction: "seconds",
  TCPSocketAction: "port",
};

/** `hostPath: /srv` for `hostPath: {path: /srv}`. */
function fieldHelp({ name, type }: Field, node: ScalarNode): string | undefined {
  const { text } = node;
  const only = type === undefined ? undefined : ONE_FIELD[type];
  if (only === undefined || text === "") return undefined;
  if (only === "command") return `write ${name}: {command: ${JSON.stringify(text.trim().split(/\s+/))}}`;
  if (type === "HTTPGetAction" && !/^\d+$/.test(text)) return `write ${name}: {path: ${text}, port: 80}`;
  return `write ${name}: {${only}: ${text}}`;
}

/** `labels: app=web` as on a command line. */
function pairsHelp({ name }: Field, { text }: ScalarNode): string {
  const pairs = text.split(",").map((pair) => /^([^=\s]+)=(\S+)$/.exec(pair.trim()));
  const good = pairs.every((pair) => pair !== null);
  return good
    ? `write ${name}: {${pairs.map((pair) => `${pair?.[1]}: ${JSON.stringify(pair?.[2])}`).join(", ")}}`
    : `write key: value pairs, indented below "${name}:"`;
}

/** A text that YAML takes apart. */
export function textHelp(node: MapNode | ListNode): string {
  if (node.flow) return "if it is a text, put it in single quotes, brackets and all: '…'";
  const first = node.kind === "map" && node.entries.length === 1 ? node.entries[0] : undefined;
  if (first?.value.kind !== "scalar")
    return "a text of several lines begins with | and stands on the lines below";
  const { text } = first.value;
  return `quote the whole text: ${JSON.stringify(text === "" ? `${first.key}:` : `${first.key}: ${text}`)}`;
}

function listHelp(field: Field, node: MapNode): string {
  const first = node.entries[0];
  if (field.name !== "env" || first?.value.kind !== "scalar" || first.key === "name")
    return first === undefined ? 'begin each item with "- "' : `begin each item with "- ": - ${first.key}: …`;
  return `write each variable as an item: - {name: ${first.key}, value: ${JSON.stringify(first.value.text)}}`;
}

/** An item that is no map: what was meant by Docker's short forms is said. */
export function wrongItem(field: Field, node: TreeNode): Mismatch {
  const is = isNull(node) ? "is empty" : `is ${kindOf(node)}`;
  const message = `Invalid value: the item ${is}, it must be a map of fields`;
  const help = node.kind === "scalar" ? (unspacedHelp(node) ?? itemHelp(field, node)) : undefined;
  return help === undefined ? { message } : { message, help };
}

function itemHelp({ name: list, type }: Field, { text }: ScalarNode): string | undefined {
  const port = /^(?:(\d+):)?(\d+)$/.exec(text);
  if (list === "ports" && port !== null)
    return `write - containerPort: ${port[2]}${port[1] === undefined ? "" : `, and hostPort: ${port[1]} below it`}`;
  const variable = /^([^=]+)=(.*)$/.exec(text);
  if (list === "env" && variable !== null)
    return `write - {name: ${variable[1]}, value: ${JSON.stringify(variable[2])}}`;
  const mount = /^([^:]+):(\/[^:]*)/.exec(text);
  if (list === "volumeMounts" && mount !== null) return `write - {name: ${mount[1]}, mountPath: ${mount[2]}}`;
  return type !== undefined && fieldsOf(type).has("name") && /^[\w./-]+$/.test(text)
    ? `write - name: ${text}`
    : undefined;
}
