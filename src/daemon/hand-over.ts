import { constants } from "node:os";
import type { Host } from "../runtime/host.ts";
import { daemonPaths, readDaemonRecord } from "../state/daemon-files.ts";
import { isOutdated, thisBuild } from "./build.ts";

/** A daemon ends when the step that it is in the middle of is done, or it has had its time for that (ms). */
const PATIENCE = 5000;

/**
 * Has the daemon end if it runs code that has been replaced, and waits for that; true when it has ended. The pods do not
 * notice: whoever supervises them next reads from disk what there is to do.
 */
export function retireOutdated(host: Host): boolean {
  const record = readDaemonRecord(daemonPaths(host.paths));
  if (!record || !isOutdated(record.build, thisBuild())) return false;
  const pidfd = host.kernel.openProcess(record.process);
  if (pidfd === undefined) return true;
  try {
    host.kernel.signal(pidfd, constants.signals.SIGTERM);
    return host.kernel.ended(pidfd, PATIENCE);
  } finally {
    host.kernel.close(pidfd);
  }
}
