import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { socketOwners } from "../kernel/listeners.ts";
import type { HostPort } from "../manifest/index.ts";
import { hostPortConflicts, type Listener } from "../net/index.ts";
import type { PodRecord } from "../state/record.ts";
import type { Locate } from "./locate.ts";
import type { PodView } from "./view.ts";

/** Refuses a pod whose hostPort another pod or process has, naming who. Throws TS3104. */
export function refuseBusyPorts(
  record: PodRecord,
  wanted: readonly HostPort[],
  look: { listeners(): Listener[]; pods(): PodView[]; locate: Locate },
): void {
  if (wanted.length === 0) return;
  const published = look
    .pods()
    .filter(({ sandbox }) => sandbox.phase !== "stopped")
    .map(({ record: other, sandbox }) => ({ pod: `${other.namespace}/${other.name}`, ports: sandbox.ports }));
  const conflict = hostPortConflicts(wanted, look.listeners(), published)[0];
  if (!conflict) return;
  const { port, holder } = conflict;
  const what = `hostPort ${port.hostPort}/${port.protocol.toLowerCase()}`;
  throw new TspodError({
    code: "TS3104",
    message: `${what} of pod ${record.name} is already in use by ${holder.kind === "pod" ? `pod ${holder.pod}` : describe(holder.listener)}`,
    hint: "stop it, or choose another hostPort",
    exitCode: ExitCode.conflict,
    position: look.locate(port.path),
  });
}

function describe(listener: Listener): string {
  const owner = socketOwners(new Set([listener.inode])).get(listener.inode);
  const where = `${listener.address}:${listener.port}`;
  return owner ? `${owner.command} (pid ${owner.pid}) on ${where}` : `a socket on ${where}`;
}
