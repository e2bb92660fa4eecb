import { networkNames } from "../../../src/net/network.ts";
import { pathsFor } from "../../../src/state/paths.ts";

/** Whose things a check looks for: those of one tspod root, among those of other roots and other programs. */
export interface Scope {
  root: string;
  rootId: string;
  bridge: string;
  table: string;
  run: string;
  lib: string;
  logs: string;
}

export function scopeOf(root: string): Scope {
  const { root: absolute, rootId, run, lib, logs } = pathsFor(root);
  return { root: absolute, rootId, ...networkNames(rootId), run, lib, logs };
}

/**
 * Whether a name in a namespace that all roots share (a bridge, a table, a cgroup folder) belongs to this root
 * ("mine"), to another root ("other") or shows no sign of tspod at all (undefined).
 */
export function ownerOf(scope: Scope, name: string): "mine" | "other" | undefined {
  if (name === scope.bridge || name === scope.table) return "mine";
  if (scope.rootId !== "" && name.includes(scope.rootId)) return "mine";
  if (!/^tspod/.test(name)) return undefined;
  return scope.rootId === "" && name === "tspod" ? "mine" : "other";
}

/** Whether a path is of this root. The default root owns only tspod's own folders, not the whole machine. */
export function isOwnPath(scope: Scope, path: string): boolean {
  const folders = scope.root === "/" ? [scope.run, scope.lib] : [scope.root];
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
