import { hasCode } from "../errors/errno.ts";

/** Whether a write failed because nothing more fits: what is only for people to read is then left out. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, "ENOSPC", "EDQUOT");
}
