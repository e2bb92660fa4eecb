import { isDigest } from "./digest.ts";
import { imageError } from "./errors.ts";
import type { ContainerConfig, HistoryEntry, ImageConfig } from "./oci.ts";
import { array, parseJsonObject, strings } from "./parse-json.ts";

type Json = Record<string, unknown>;

/**
 * Reads an image's config. What the container would take from it is checked here, so that nothing of an image reaches
 * a plan unseen; labels and annotations are data and change nothing (CVE-2026-53488 is the class).
 */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const json = parseJsonObject(bytes, what);
  const rootfs = object(json.rootfs);
  const diffIds = array(rootfs.diff_ids, `${what}: rootfs.diff_ids`);
  for (const id of diffIds)
    if (typeof id !== "string" || !isDigest(id))
      throw imageError("brokenConfig", `${what}: rootfs.diff_ids has ${JSON.stringify(id)}, not a digest`);
  return {
    architecture: text(json.architecture) ?? "",
    os: text(json.os) ?? "",
    ...optional("variant", text(json.variant)),
    ...optional("created", text(json.created)),
    ...optional("author", text(json.author)),
    config: containerConfig(object(json.config), what),
    diffIds: diffIds as string[],
    history: Array.isArray(json.history) ? json.history.map(history) : [],
  };
}

function containerConfig(json: Json, what: string): ContainerConfig {
  const env = list(json.Env, `${what}: config.Env`);
  const bad = env?.find((pair) => pair.indexOf("=") < 1);
  if (bad !== undefined)
    throw imageError(
      "brokenConfig",
      `${what}: config.Env has ${JSON.stringify(bad)}, which is not NAME=VALUE`,
    );
  const ports = keys(json.ExposedPorts);
  const volumes = keys(json.Volumes);
  const labels = strings(json.Labels);
  return {
    ...optional("Entrypoint", list(json.Entrypoint, `${what}: config.Entrypoint`)),
    ...optional("Cmd", list(json.Cmd, `${what}: config.Cmd`)),
    ...optional("Env", env),
    ...optional("User", single(json.User, `${what}: config.User`)),
    ...optional("WorkingDir", single(json.WorkingDir, `${what}: config.WorkingDir`)),
    ...optional(
      "ExposedPorts",
      ports?.filter((port) => /^[0-9]{1,5}(?:\/(?:tcp|udp|sctp))?$/.test(port)),
    ),
    ...optional("StopSignal", single(json.StopSignal, `${what}: config.StopSignal`)),
    ...optional(
      "Volumes",
      volumes?.map((path) => volume(path, what)),
    ),
    ...optional("Labels", labels),
  };
}

/** CVE-2022-23648: a volume's path with `..` reached the host's files. */
function volume(path: string, what: string): string {
  const clean = path.startsWith("/") && !path.includes("\0") && !path.split("/").includes("..");
  if (!clean)
    throw imageError(
      "brokenConfig",
      `${what}: config.Volumes has ${JSON.stringify(path)}, which is not an absolute path without ".."`,
    );
  return path;
}

/** Docker writes `null` for what is not set, and old builders a single string for a list of one. */
function list(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const items = typeof value === "string" ? [value] : value;
  if (!Array.isArray(items)) throw imageError("brokenConfig", `${where} is not a list`);
  for (const item of items)
    if (typeof item !== "string" || item.includes("\0"))
      throw imageError("brokenConfig", `${where} has ${JSON.stringify(item)}, which is not text`);
  return items as string[];
}

function single(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || hasControlCharacter(value))
    throw imageError("brokenConfig", `${where} is ${JSON.stringify(value)}, which is not one line of text`);
  return value;
}

function hasControlCharacter(value: string): boolean {
  return [...value].some((character) => character < " " || character === "\x7f");
}

function history(value: unknown): HistoryEntry {
  const json = object(value);
  return {
    ...optional("created", text(json.created)),
    ...optional("created_by", text(json.created_by)),
    ...optional("comment", text(json.comment)),
    ...(json.empty_layer === true ? { empty_layer: true } : {}),
  };
}

function keys(value: unknown): string[] | undefined {
  return typeof value === "object" && value !== null ? Object.keys(value) : undefined;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}
