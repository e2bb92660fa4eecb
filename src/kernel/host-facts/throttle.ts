import { type FactSource, hostSource } from "./source.ts";

/** The CPUs' folders of thermal throttle counters, which containers must not read (GHSA-6fw5-f8r9-fgfm). */
export function throttleFolders(source: FactSource = hostSource): string[] {
  const base = "/sys/devices/system/cpu";
  return source
    .list(base)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `${base}/${name}/thermal_throttle`)
    .filter((folder) => source.exists(folder));
}
