import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Secret, Volume } from "../../manifest/index.ts";
import { downwardFiles } from "./downward-api.ts";
import { findObject, type VolumesInput } from "./planned.ts";
import type { ProjectedFile } from "./projection.ts";
import { notFound, setUpFailed } from "./set-up-failed.ts";

/** The API server fills it in; objects of other ways in may lack it. */
const DEFAULT_MODE = 0o644;

type Wanted = Pick<VolumesInput, "pod" | "configMaps" | "secrets" | "facts">;

/** The files of a configMap, secret, downwardAPI or projected volume; undefined for other kinds. */
export function volumeFiles(volume: Volume, input: Wanted): ProjectedFile[] | undefined {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  if (configMap) return configMapFiles(name, configMap, input);
  if (secret) return secretFiles(name, { ...secret, name: secret.secretName ?? "" }, input);
  if (downwardAPI) return apiFiles(downwardAPI, input);
  if (!projected) return undefined;
  const defaultMode = projected.defaultMode ?? DEFAULT_MODE;
  // Later sources win over earlier ones; a serviceAccountToken has been warned of and is nothing.
  return (projected.sources ?? []).flatMap((source) => [
    ...(source.secret ? secretFiles(name, { ...source.secret, defaultMode }, input) : []),
    ...(source.configMap ? configMapFiles(name, { ...source.configMap, defaultMode }, input) : []),
    ...(source.downwardAPI ? apiFiles({ ...source.downwardAPI, defaultMode }, input) : []),
  ]);
}

interface KeySource {
  name?: string;
  items?: KeyToPath[];
  optional?: boolean;
  defaultMode?: number;
}

function configMapFiles(volume: string, source: KeySource, input: Wanted): ProjectedFile[] {
  const { name = "", optional } = source;
  const map = findObject(input.configMaps, name, input);
  if (!map && !optional) throw notFound(volume, "ConfigMap", name);
  return pick(contentOf(map), source, (key) =>
    setUpFailed(volume, `configmap references non-existent config key: ${key}`, { code: "TS3204" }),
  );
}

function secretFiles(volume: string, source: KeySource, input: Wanted): ProjectedFile[] {
  const { name = "", optional } = source;
  const secret: Secret | undefined = findObject(input.secrets, name, input);
  if (!secret && !optional) throw notFound(volume, "Secret", name);
  const content = new Map(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")]),
  );
  return pick(content, source, (key) =>
    setUpFailed(volume, `references non-existent secret key: ${key}`, { code: "TS3204" }),
  );
}

function apiFiles(
  { items = [], defaultMode }: { items?: DownwardAPIVolumeFile[]; defaultMode?: number },
  input: Wanted,
): ProjectedFile[] {
  return downwardFiles(items, input).map(({ mode, ...file }) => ({
    ...file,
    mode: mode ?? defaultMode ?? DEFAULT_MODE,
  }));
}

function contentOf(map: ConfigMap | undefined): Map<string, Uint8Array> {
  const text = Object.entries(map?.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  const binary = Object.entries(map?.binaryData ?? {});
  return new Map([...text, ...binary.map(([key, value]) => [key, Buffer.from(value, "base64")] as const)]);
}

/** All keys under their own names, or the items under theirs. */
function pick(
  content: ReadonlyMap<string, Uint8Array>,
  { items, optional, defaultMode = DEFAULT_MODE }: KeySource,
  missing: (key: string) => Error,
): ProjectedFile[] {
  if (!items?.length) return [...content].map(([path, data]) => ({ path, data, mode: defaultMode }));
  return items.flatMap(({ key, path, mode }) => {
    const data = content.get(key);
    if (data) return [{ path, data, mode: mode ?? defaultMode }];
    if (optional) return [];
    throw missing(key);
  });
}
