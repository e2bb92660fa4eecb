import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { imageError } from "../errors.ts";
import { DOCKER_NAMES, type ShortNames } from "../reference.ts";

/** How one registry is reached. */
export interface RegistrySettings {
  /** Asked first, in order: `https://mirror.example:5000`, perhaps with a path. */
  mirrors: string[];
  /** HTTP without TLS. Registries on loopback addresses are tried with both. */
  plainHttp: boolean;
  /** Certificates are not checked. */
  skipTlsVerify: boolean;
  /** File of additional certificate authorities, PEM. */
  caFile?: string;
}

/** `/etc/tspod/registries.json`; docs/images.md shows one. */
export interface RegistriesConfig extends ShortNames {
  registries: Record<string, Partial<RegistrySettings>>;
}

const KNOWN = ["defaultRegistry", "aliases", "registries"];
const KNOWN_SETTINGS = ["mirrors", "plainHttp", "skipTlsVerify", "caFile"];
/** Where Docker and podman look for a registry's own certificate authorities. */
const CERTS_FOLDERS = ["/etc/docker/certs.d", "/etc/containers/certs.d"];

/**
 * Reads the configuration; a file that is not there means the defaults. A key it does not know is an error, not
 * silence.
 */
export function readRegistriesConfig(path: string): RegistriesConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { ...DOCKER_NAMES, registries: {} };
    throw error;
  }
  try {
    const json = JSON.parse(text) as Partial<RegistriesConfig>;
    refuseUnknown(json, KNOWN, "");
    for (const [host, settings] of Object.entries(json.registries ?? {}))
      refuseUnknown(settings, KNOWN_SETTINGS, `registries["${host}"].`);
    return { ...DOCKER_NAMES, registries: {}, ...json };
  } catch (cause) {
    throw imageError("badSource", `${path} cannot be used: ${(cause as Error).message}`, {
      cause,
      path,
      hint: "docs/images.md shows the format",
    });
  }
}

export function settingsOf(config: RegistriesConfig, host: string): RegistrySettings {
  return { mirrors: [], plainHttp: false, skipTlsVerify: false, ...config.registries[host] };
}

/** The additional authorities for a host, PEM; undefined when there are none. */
export function certificateAuthorities(host: string, settings: RegistrySettings): string[] | undefined {
  const files = settings.caFile === undefined ? [] : [settings.caFile];
  for (const folder of CERTS_FOLDERS) {
    const own = join(folder, host);
    files.push(
      ...listFolder(own)
        .filter((name) => name.endsWith(".crt"))
        .map((name) => join(own, name)),
    );
  }
  return files.length === 0 ? undefined : files.map((file) => readFileSync(file, "utf8"));
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function refuseUnknown(object: object, known: string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new TypeError(`unknown key "${where}${unknown}"; there is ${known.join(", ")}`);
}
