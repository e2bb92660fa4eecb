import { existsSync } from "node:fs";
import { openImageStore } from "../image/index.ts";
import { buildFileCandidates, loadAddon } from "../kernel/load-addon.ts";
import { NativeKernel } from "../kernel/native/index.ts";
import type { MachineFacts } from "../plan/machine-facts.ts";
import { pathsFor } from "../state/paths.ts";
import { readMachineFacts } from "./facts.ts";
import type { Host } from "./host.ts";
import { podSeconds } from "./pod-time.ts";

export interface OpenHostOptions {
  /** Moves every path and gives bridge, table and cgroups names of their own. */
  root?: string;
  timing?: (phase: string, ns: bigint) => void;
}

/** Cheap: nothing is read, opened or made before a verb needs it. */
export function openHost({ root = "/", timing }: OpenHostOptions = {}): Host {
  const paths = pathsFor(root);
  let facts: MachineFacts | undefined;
  return {
    paths,
    kernel: new NativeKernel(loadAddon),
    images: openImageStore({
      libRoot: paths.lib,
      runRoot: paths.run,
      embeddedDir: buildFileCandidates("images").find((path) => existsSync(path)) ?? "",
      addon: { flock: (...args) => loadAddon().flock(...args) },
    }),
    facts: () => (facts ??= readMachineFacts()),
    now: () => new Date(),
    seconds: podSeconds,
    ...(timing ? { timing } : {}),
  };
}
