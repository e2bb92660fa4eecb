import type { DownwardAPIVolumeFile } from "../../manifest/index.ts";
import { fieldValue, resourceValue } from "../env.ts";
import { namespaceOf, type VolumesInput } from "./planned.ts";

interface DownwardFile {
  path: string;
  data: Uint8Array;
  mode?: number;
}

/** The files of a downwardAPI source: what the pod is called, its labels and annotations, its containers' resources. */
export function downwardFiles(
  items: readonly DownwardAPIVolumeFile[],
  input: Pick<VolumesInput, "pod" | "facts">,
): DownwardFile[] {
  return items.map((item) => ({
    path: item.path,
    data: Buffer.from(valueOfItem(item, input)),
    ...(item.mode === undefined ? {} : { mode: item.mode }),
  }));
}

function valueOfItem(
  { fieldRef, resourceFieldRef }: DownwardAPIVolumeFile,
  input: Pick<VolumesInput, "pod" | "facts">,
): string {
  const { pod, facts } = input;
  if (fieldRef) {
    const whole = /^metadata\.(labels|annotations)$/.exec(fieldRef.fieldPath);
    if (whole) return lines(pod.metadata?.[whole[1] as "labels" | "annotations"] ?? {});
    const none = { configMaps: [], secrets: [] };
    return fieldValue(fieldRef.fieldPath, {
      pod,
      facts: { ...facts, ...none },
      namespace: namespaceOf(input),
    });
  }
  const { containerName, resource = "", divisor = "0" } = resourceFieldRef ?? {};
  const { initContainers = [], containers = [] } = pod.spec ?? { containers: [] };
  const container = [...initContainers, ...containers].find(({ name }) => name === containerName);
  return resourceValue(resource, divisor, container?.resources ?? {}, facts);
}

/** One `key="value"` a line, by key (kubelet FormatMap). */
function lines(map: Record<string, string>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${quoted(map[key] as string)}`)
    .join("\n");
}

const ESCAPES: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** A string as Go's %q writes it; JSON differs for control characters. */
function quoted(text: string): string {
  const inner = text.replace(/["\\]|\p{Cc}/gu, (c) => {
    const code = c.codePointAt(0) as number;
    if (ESCAPES[c] !== undefined) return ESCAPES[c];
    return code < 0x80
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${inner}"`;
}
