import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Purpose } from "./netlink.ts";

const hints: Record<string, string> = {
  EPERM: "this needs CAP_NET_ADMIN: run tspod as root, outside a container that lacks it",
  EOPNOTSUPP: "the kernel lacks this part: see `tspod doctor`",
  ENOBUFS: "the kernel is out of memory for sockets; try again",
};

/**
 * `cannot create bridge tspod0: Unknown device type: EOPNOTSUPP (netlink RTM_NEWLINK)`, with errno, call and object
 * as fields. The kernel's own words (extended acknowledgement) are in the addon's message.
 */
export function netlinkFailure(error: unknown, purpose: Purpose): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const errno = error.code;
  const words = /^netlink: (.+) \(E[A-Z0-9]+\)$/.exec(error.message)?.[1];
  const hint = purpose.hint ?? hints[errno];
  return new TspodError({
    code: "TS4210",
    message: `cannot ${purpose.doing}: ${words === undefined ? "" : `${words}: `}${errno} (netlink ${purpose.message})`,
    ...(hint === undefined ? {} : { hint }),
    exitCode: ExitCode.hostNotAble,
    errno,
    syscall: `netlink ${purpose.message}`,
    path: purpose.object,
    cause: error,
  });
}

/** Whether an error of `send` carries one of these errnos. */
export function failedWith(error: unknown, ...errnos: string[]): boolean {
  return error instanceof TspodError && error.errno !== undefined && errnos.includes(error.errno);
}

/** The place of the failed message in its buffer, if the error knows it. */
export function failedIndex(error: unknown): number | undefined {
  const cause = error instanceof TspodError ? error.cause : error;
  return cause instanceof Error && "index" in cause && typeof cause.index === "number"
    ? cause.index
    : undefined;
}
