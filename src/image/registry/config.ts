import { readFileSync } from "node:fs";
import { hasCode } from "../../errors/errno.ts";
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

/**
 * Reads the configuration; a file that is not there means the defaults. A key it does not know is an error, not
 * silence.
 */
export function readRegistriesConfig(path: string): RegistriesConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { ...DOCKER_NAMES, registries: {} };
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

function refuseUnknown(object: object, known: string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new TypeError(`unknown key "${where}${unknown}"; there is ${known.join(", ")}`);
}
