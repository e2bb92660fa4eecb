import {
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MS_PRIVATE,
} from "../kernel/constants.ts";
import type { Pod } from "../manifest/index.ts";
import type { ContainerOp } from "./container-op.ts";

/** Names a program of the host that holds the pod's namespaces in place of tspod's own: `/path [ARGUMENT…]`. */
export const INFRA_ANNOTATION = "tspod.dev/infra";

/** The words of the annotation; undefined when tspod's own holder is to be used. */
export function infraCommand({ metadata }: Pod): readonly [string, ...string[]] | undefined {
  const [path, ...args] = (metadata?.annotations?.[INFRA_ANNOTATION] ?? "").split(/\s+/).filter(Boolean);
  return path === undefined ? undefined : [path, ...args];
}

/** In place of `pivot` and `pause`: the program alone in its root, with no capability, and then it is the holder. */
export function infraOps([path, ...args]: readonly [string, ...string[]]): ContainerOp[] {
  // It stands alone in its root, under its own name: `ps` shows it by that.
  const program = path.slice(path.lastIndexOf("/"));
  const none = { effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n };
  const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  return [
    {
      op: "bind",
      source: path,
      subPath: "",
      createSubPath: false,
      target: program,
      recursive: false,
      set: attributes,
      clear: MOUNT_ATTR_NOEXEC,
      propagation: MS_PRIVATE,
      attrsRecursive: false,
      tree: -1,
    },
    { op: "root-attr", set: attributes },
    { op: "pivot" },
    { op: "caps-bound", mask: 0n },
    { op: "caps", ...none },
    { op: "no-new-privs" },
    // Containers of a shared PID namespace see what it has open, and 0 to 2 are the host's /dev/null.
    { op: "close-fds", from: 0 },
    { op: "execve", candidates: [program], argv: [path, ...args], env: [] },
  ];
}
