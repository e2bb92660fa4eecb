import { TspodError } from "../errors/tspod-error.ts";
import { MOUNT_ATTR_RDONLY, MS_PRIVATE, MS_SHARED, MS_SLAVE } from "../kernel/constants.ts";
import { type Container, expand, references, type VolumeMount } from "../manifest/index.ts";
import type { ContainerOp } from "./container-op.ts";
import type { PlannedVolume } from "./volume/planned.ts";

export interface MountsInput {
  container: Container;
  volumes: ReadonlyMap<string, PlannedVolume>;
  /** For `subPathExpr`. */
  env: ReadonlyMap<string, string>;
  /** Generated files: container path → host path (/etc/hosts and the like); a volume mounted there wins. */
  generated: ReadonlyMap<string, string>;
}

interface Bind {
  target: string;
  op: Extract<ContainerOp, { op: "bind" }>;
}

/** The container's volumes and generated files, outer targets before those inside them. */
export function volumeMountOps({ container, volumes, env, generated }: MountsInput): ContainerOp[] {
  const binds: Bind[] = [];
  const taken = new Set<string>();
  for (const mount of container.volumeMounts ?? []) {
    const target = normalise(mount.mountPath);
    refuseProc(container.name, target);
    taken.add(target);
    binds.push({ target, op: volumeBind(mount, target, { container, volumes, env }) });
  }
  for (const [target, source] of generated) {
    if (taken.has(target)) continue;
    binds.push({ target, op: { ...plainBind(source, target), propagation: MS_PRIVATE } });
  }
  const depth = (path: string) => path.split("/").length;
  return binds.sort((a, b) => depth(a.target) - depth(b.target)).map((bind) => bind.op);
}

/** Whether any mount of the container wants to see, or to send, mounts. */
export function wantsPropagation(container: Container): boolean {
  return (container.volumeMounts ?? []).some((mount) => (mount.mountPropagation ?? "None") !== "None");
}

function volumeBind(
  mount: VolumeMount,
  target: string,
  { container, volumes, env }: Pick<MountsInput, "container" | "volumes" | "env">,
): Bind["op"] {
  const volume = volumes.get(mount.name);
  if (!volume) {
    throw new TspodError({
      code: "TS3205",
      message: `container ${container.name}: volumeMounts names volume ${JSON.stringify(mount.name)}, which the pod does not have`,
      exitCode: 2,
    });
  }
  const subPath = mount.subPathExpr
    ? expandedSubPath(container.name, mount.subPathExpr, env)
    : (mount.subPath ?? "");
  refuseClimbing(container.name, subPath);
  const readOnly = volume.readOnly || mount.readOnly === true;
  return {
    op: "bind",
    source: volume.path,
    subPath,
    createSubPath: volume.createSubPath && subPath !== "",
    target,
    recursive: true,
    set: readOnly ? MOUNT_ATTR_RDONLY : 0,
    clear: 0,
    propagation: propagationOf(mount),
    // IfPossible too: every kernel that has the calls tspod needs can do it (mount_setattr, 5.12).
    attrsRecursive: readOnly && (mount.recursiveReadOnly ?? "Disabled") !== "Disabled",
  };
}

/** A variable that is not there would name a folder `$(X)`: the kubelet does not start the container. */
function expandedSubPath(container: string, expression: string, env: ReadonlyMap<string, string>): string {
  const missing = references(expression).find((name) => !env.has(name));
  if (missing === undefined) return expand(expression, env);
  throw new TspodError({
    code: "TS3208",
    message: `container ${container}: subPathExpr ${JSON.stringify(expression)}: missing value for ${JSON.stringify(missing)}`,
    hint: `give the container a variable ${missing} in env; the image's own do not count`,
    exitCode: 2,
  });
}

function plainBind(source: string, target: string): Bind["op"] {
  return {
    op: "bind",
    source,
    subPath: "",
    createSubPath: false,
    target,
    recursive: false,
    set: 0,
    clear: 0,
    propagation: 0,
    attrsRecursive: false,
  };
}

function propagationOf(mount: VolumeMount): number {
  switch (mount.mountPropagation) {
    case "HostToContainer":
      return MS_SLAVE;
    case "Bidirectional":
      return MS_SHARED;
    default:
      return MS_PRIVATE;
  }
}

function normalise(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${parts.join("/")}`;
}

/** A mount over /proc could redirect what the set-up writes there (CVE-2019-19921, CVE-2025-52881). */
function refuseProc(container: string, target: string): void {
  if (target !== "/proc" && !target.startsWith("/proc/") && target !== "/") return;
  throw new TspodError({
    code: "TS3206",
    message: `container ${container}: mountPath ${JSON.stringify(target)}: nothing may be mounted on ${target === "/" ? "the root itself" : "/proc or inside it"}`,
    hint: "choose another mountPath; to see the host's processes use hostPID: true",
    exitCode: 2,
  });
}

/** Checked again by the kernel (RESOLVE_BENEATH); here for the message, and because subPathExpr is known only now. */
function refuseClimbing(container: string, subPath: string): void {
  if (!subPath.startsWith("/") && !subPath.split("/").includes("..")) return;
  throw new TspodError({
    code: "TS3207",
    message: `container ${container}: subPath ${JSON.stringify(subPath)} must be a relative path without ".."`,
    exitCode: 2,
  });
}
