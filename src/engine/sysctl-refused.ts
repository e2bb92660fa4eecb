import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { ContainerOp } from "../plan/container-op.ts";

const SYS = /^(?:\/proc\/)?sys\//;
/** Written for every pod, whatever its manifest says. */
const OURS = "/proc/sys/net/ipv6/conf/default/disable_ipv6";

/** A setting of the manifest that the kernel does not take, in words; undefined for other ops. `path` is its name. */
export function sysctlRefused(
  op: ContainerOp | undefined,
  { errno, syscall }: { errno: string; syscall: string },
): TspodError | undefined {
  if ((op?.op !== "proc-write" && op?.op !== "write") || !SYS.test(op.path) || op.path === OURS)
    return undefined;
  // Names have a dot for a slash, and the other way round (sysctl.d(5)).
  const name = op.path.replace(SYS, "").replace(/[./]/g, (each) => (each === "/" ? "." : "/"));
  const setting = `sysctl ${JSON.stringify(name)}`;
  const [message, hint] = ["ENOENT", "EACCES", "EPERM", "EROFS"].includes(errno)
    ? [
        `${setting} is not one of a pod: ${errno === "ENOENT" ? "the kernel has none of that name in its namespaces" : "in its namespaces it can only be read"}`,
        "it is the whole machine's, or its module is not loaded: set it on the host, or leave it out",
      ]
    : [
        `${setting}: the kernel does not take the value ${JSON.stringify(op.data)}`,
        "the kernel's Documentation/admin-guide/sysctl and networking/ip-sysctl tell what it takes",
      ];
  return new TspodError({
    code: "TS3313",
    message: `${message} (${errno})`,
    hint,
    exitCode: ExitCode.invalid,
    errno,
    syscall,
    path: name,
  });
}
