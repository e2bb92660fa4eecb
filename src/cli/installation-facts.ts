import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { HostFact } from "../kernel/host-facts/index.ts";
import { buildFileCandidates } from "../kernel/load-addon.ts";

/** What belongs to this installation of tspod rather than to the machine. */
export function installationFacts(lib: string): HostFact[] {
  return [build(), storage(lib)];
}

function build(): HostFact {
  const files = ["tspod.node", "tspod-helper", "images"];
  const missing = files.filter((name) => !buildFileCandidates(name).some((path) => existsSync(path)));
  return {
    id: "tspod.build",
    ok: missing.length === 0,
    level: "error",
    title: "tspod's own files",
    detail: missing.length === 0 ? "addon, helper and embedded images" : `without ${missing.join(", ")}`,
    hint: missing.length === 0 ? "" : "make build",
  };
}

/** statfs(2) f_type of the filesystems one meets. */
const TYPES: Record<number, string> = {
  61267: "ext4",
  1481003842: "xfs",
  2435016766: "btrfs",
  16914836: "tmpfs",
  2035054128: "overlay",
  26985: "nfs",
};

/** Where writable layers will be: overlay refuses some filesystems as its upper layer. */
function storage(lib: string): HostFact {
  let folder = lib;
  while (!existsSync(folder) && folder !== "/") folder = dirname(folder);
  const { type, bavail, bsize } = statfsSync(folder);
  const name = TYPES[type] ?? `type 0x${type.toString(16)}`;
  const ok = name !== "overlay" && name !== "nfs";
  return {
    id: "tspod.storage",
    ok,
    level: "warning",
    title: "room for images and layers",
    detail: `${Math.floor((bavail * bsize) / 2 ** 20)} MiB free at ${folder} (${name})`,
    hint: ok ? "" : `containers' layers cannot be written on ${name}: use --root DIR on another filesystem`,
  };
}
