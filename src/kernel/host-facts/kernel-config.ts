import { gunzipSync } from "node:zlib";
import type { FactSource } from "./source.ts";

/**
 * Whether the running kernel has a feature: loaded or built in as `module`, there to be loaded, or turned on in
 * the configuration as far as that can be read.
 */
export function kernelHas(source: FactSource, module: string, option: string): boolean {
  if (source.exists(`/sys/module/${module}`)) return true;
  const release = (source.read("/proc/sys/kernel/osrelease") ?? "").trim();
  const folder = `/lib/modules/${release}`;
  const file = new RegExp(`/${module.replaceAll("_", "[_-]")}\\.ko`);
  for (const list of ["modules.builtin", "modules.dep"]) {
    if (file.test(source.read(`${folder}/${list}`) ?? "")) return true;
  }
  const config = source.read(`/boot/config-${release}`) ?? unpacked(source);
  return new RegExp(`^${option}=[ym]$`, "m").test(config);
}

function unpacked(source: FactSource): string {
  const bytes = source.bytes("/proc/config.gz");
  if (bytes === undefined) return "";
  try {
    return gunzipSync(bytes).toString("latin1");
  } catch {
    return "";
  }
}
