import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { ImageProgress } from "../image/index.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn } from "../state/turn.ts";
import { keepEnd, updatePod } from "../state/update-pod.ts";
import { unplaced } from "./locate.ts";
import { prepare } from "./prepare.ts";
import type { PodView } from "./view.ts";

const NOT_STOPPED = "TS3447";

/** Whether this is what `startPod` throws for a pod that is not stopped. */
export function isNotStopped(error: unknown): boolean {
  return error instanceof TspodError && error.code === NOT_STOPPED;
}

/**
 * Lets a pod that was stopped, or that the machine's restart ended, run again under its uid: a new sandbox, the init
 * containers, the containers. Volumes keep their data, containers get new writable layers. Whoever supervises detached
 * pods does the work: this checks that it can be done, and asks for it.
 *
 * @throws TspodError TS3447 when the pod is not stopped
 */
export async function startPod(
  host: Host,
  { record }: PodView,
  options: { warn(message: string): void; onImage?: (progress: ImageProgress) => void },
): Promise<void> {
  const paths = podPaths(host.paths, record);
  const refuse = () => {
    throw new TspodError({
      code: NOT_STOPPED,
      message: `pod ${JSON.stringify(record.name)} is not stopped`,
      hint: `\`tspod stop ${record.name}\` first, or \`tspod restart ${record.name}\``,
      exitCode: ExitCode.conflict,
    });
  };
  if (readSandbox(paths)?.phase !== "stopped") refuse();
  const file = record.source;
  const prepared = await prepare(host, {
    record,
    paths,
    locate: unplaced(file),
    ...(options.onImage ? { onImage: options.onImage } : {}),
  });
  for (const warning of prepared.warnings) options.warn(warning);
  const { bootId } = host.facts();
  updatePod(paths, (now) => ({ ...now, bootId, foreground: false }));
  inTurn(paths, () => {
    const now = readSandbox(paths);
    if (now?.phase !== "stopped") return refuse();
    const { reason: _, message: __, stoppedAt: ___, finalPhase: ____, deleting: _____, ...rest } = now;
    keepEnd(paths, undefined);
    writeSandbox(paths, { ...rest, phase: "recreating", fresh: true, startedAt: host.now().toISOString() });
  });
}
