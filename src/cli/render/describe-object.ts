import type { StoredObject } from "../../pod/index.ts";
import { type Field, keyValues, layout } from "./fields.ts";
import { OBJECT_HEADINGS, objectRow } from "./object-row.ts";

/** What `kubectl describe` shows of an object that lies there to be used; a secret's content is not shown. */
export function describeObject(object: StoredObject, now: Date): string {
  const { metadata, kind } = object;
  const { usual, wide } = objectRow(object, now);
  const headings = [...OBJECT_HEADINGS[kind].usual, ...OBJECT_HEADINGS[kind].wide];
  const cells = [...usual, ...wide];
  const rest = headings
    .map((heading, i): Field => [titled(heading), cells[i] ?? ""])
    .filter(([label]) => !["Name", "Age", "Data"].includes(label as string));
  const head = layout([
    ["Name", metadata.name],
    ["Namespace", metadata.namespace],
    ["Labels", keyValues(metadata.labels, "=")],
    ["Annotations", keyValues(metadata.annotations, ": ")],
    ...rest,
  ]);
  return head + data(object);
}

const titled = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/(^|[ -])[a-z]/g, (letter) => letter.toUpperCase())
    .replace("Port(s)", "Ports")
    .replace(/-ip$/i, " IP");

function data(object: StoredObject): string {
  if (object.kind === "Secret") {
    const sizes = Object.entries(object.data ?? {}).map(
      ([key, value]): Field => [key, `${Buffer.byteLength(value, "base64")} bytes`],
    );
    return `\nData\n====\n${layout(sizes)}`;
  }
  if (object.kind !== "ConfigMap") return "";
  const texts = Object.entries(object.data ?? {}).map(([key, value]) => `${key}:\n----\n${value}\n\n`);
  const binary = Object.entries(object.binaryData ?? {}).map(
    ([key, value]) => `${key}: ${Buffer.byteLength(value, "base64")} bytes\n`,
  );
  return `\nData\n====\n${texts.join("")}\nBinaryData\n====\n${binary.join("")}`;
}
