import type { Container, Pod } from "../manifest/index.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import type { HostOp } from "../plan/host-op.ts";

/** Whose operation it is. */
export interface FieldPlace {
  pod: Pod;
  /** Undefined for the sandbox. */
  container: string | undefined;
}

/** The manifest field that asked for the operation, or undefined where every pod has it. */
export function fieldOf(op: HostOp | ContainerOp, { pod, container }: FieldPlace): string | undefined {
  const spec = pod.spec;
  const found = container === undefined ? undefined : locate(pod, container);
  const inContainer = (field: string, value: unknown) =>
    found && value !== undefined ? `${found.path}.${field}` : undefined;
  const security = found?.container.securityContext;
  const secured = (field: "runAsUser" | "seccompProfile") => {
    if (security?.[field] !== undefined) return `${found?.path}.securityContext.${field}`;
    return spec?.securityContext?.[field] === undefined ? undefined : `spec.securityContext.${field}`;
  };
  switch (op.op) {
    case "cgroup-set":
      return op.because.startsWith("spec.") ? op.because : undefined;
    case "sethostname":
      return spec?.hostname === undefined ? "metadata.name" : "spec.hostname";
    case "aside":
    case "clone-mapped":
    case "id-map":
    case "fs-user":
    case "id-range-hold":
      return "spec.hostUsers";
    case "holder-start":
      return spec?.shareProcessNamespace ? "spec.shareProcessNamespace" : undefined;
    case "nft-ports-add":
    case "nft-ports-delete":
      return "spec.containers[].ports[].hostPort";
    case "bind":
      return found && mountField(found, op.target);
    case "execve":
      return (
        inContainer("command", found?.container.command) ??
        inContainer("args", found?.container.args) ??
        inContainer("image", found?.container.image)
      );
    case "chdir":
      return inContainer("workingDir", found?.container.workingDir);
    case "user":
      return secured("runAsUser");
    case "seccomp":
      return secured("seccompProfile");
    case "caps":
    case "caps-bound":
      return inContainer("securityContext.capabilities", security?.capabilities);
    case "no-new-privs":
      return inContainer("securityContext.allowPrivilegeEscalation", security?.allowPrivilegeEscalation);
    case "root-attr":
      return inContainer("securityContext.readOnlyRootFilesystem", security?.readOnlyRootFilesystem);
    case "console":
      return inContainer("tty", found?.container.tty);
    case "overlay":
      return inContainer("image", found?.container.image);
    case "proc-write":
      return op.path.startsWith("sys/") && !container ? "spec.securityContext.sysctls" : undefined;
    case "mkdir":
    case "write-file":
    case "symlink":
    case "mount-tmpfs":
    case "mount-hugetlbfs":
      return volumeField(pod, "path" in op ? op.path : op.target);
    default:
      return undefined;
  }
}

interface Found {
  container: Container;
  path: string;
}

function locate({ spec }: Pod, name: string): Found | undefined {
  for (const list of ["initContainers", "containers"] as const) {
    const index = (spec?.[list] ?? []).findIndex((one) => one.name === name);
    const container = spec?.[list]?.[index];
    if (container) return { container, path: `spec.${list}[${index}]` };
  }
  return undefined;
}

function mountField({ container, path }: Found, target: string): string | undefined {
  const index = (container.volumeMounts ?? []).findIndex(({ mountPath }) => trim(mountPath) === trim(target));
  return index < 0 ? undefined : `${path}.volumeMounts[${index}]`;
}

function volumeField({ spec }: Pod, path: string): string | undefined {
  const name = /\/volumes\/(?:[^/]*~)?([^/]+)/.exec(path)?.[1];
  const index = (spec?.volumes ?? []).findIndex((volume) => volume.name === name);
  return index < 0 ? undefined : `spec.volumes[${index}]`;
}

function trim(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
