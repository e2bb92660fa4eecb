import type { Usage } from "../../image/df.ts";
import { shortDigest } from "../../image/digest.ts";
import type { HistoryRow } from "../../image/inspect.ts";
import type { ImageSummary } from "../../image/list.ts";
import type { Finding } from "../../image/verify.ts";
import { age } from "./age.ts";
import { humanBytes } from "./image-bytes.ts";

export function imageRows(
  images: readonly ImageSummary[],
  options: { digests: boolean; now: Date },
): string[][] {
  const head = [
    "REPOSITORY",
    "TAG",
    ...(options.digests ? ["DIGEST"] : []),
    "IMAGE ID",
    "CREATED",
    "SIZE",
    "USED BY",
  ];
  const rows = images.map((image) => [
    image.name,
    image.tag,
    ...(options.digests ? [image.digest] : []),
    image.id === "" ? "<damaged>" : shortDigest(image.id),
    age(image.created, options.now),
    humanBytes(image.size),
    image.usedBy.join(",") || "<none>",
  ]);
  return [head, ...rows];
}

export function historyRows(rows: readonly HistoryRow[], now: Date): string[][] {
  const cut = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
  return [
    ["LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT"],
    ...rows.map((row) => [
      row.digest === undefined ? "<none>" : shortDigest(row.digest),
      age(row.created, now),
      cut(oneLine(row.created_by ?? "")),
      humanBytes(row.size),
      oneLine(row.comment ?? ""),
    ]),
  ];
}

/** What an image says of itself reaches the terminal without its control characters. */
function oneLine(text: string): string {
  return [...text].map((character) => (character < " " || character === "\x7f" ? " " : character)).join("");
}

export function usageRows(usage: Usage): string[][] {
  return [
    ["TYPE", "COUNT", "SIZE"],
    ["Images", String(usage.images), ""],
    ["In use", String(usage.active), ""],
    ["Blobs", String(usage.blobs.count), humanBytes(usage.blobs.bytes)],
    ["Unpacked layers", String(usage.layers.count), humanBytes(usage.layers.bytes)],
    ["Reclaimable", "", humanBytes(usage.reclaimable)],
  ];
}

export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(({ images, subject, problem, remedy, mended }) => {
      const who = images.length > 0 ? `${images.join(", ")}: ` : "";
      return `${mended ? "mended" : "broken"}  ${who}${subject}\n        ${problem}\n        ${remedy}\n`;
    })
    .join("");
}
