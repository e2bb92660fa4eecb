import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurnSoon } from "../state/turn.ts";
import { EventRecorder } from "./events.ts";
import { lastAttempt, lastNumber } from "./last-attempt.ts";
import { attemptExitCode } from "./outcome.ts";
import { prepareContainer } from "./prepare-container.ts";
import { initAgain, initAgainAsked, initOnly } from "./supervise/init-again.ts";
import type { PodView } from "./view.ts";
import { viewPod } from "./views.ts";

/**
 * Asks for the init containers of a running pod to be run once more, in order, while its containers and sidecars go on
 * (no kubelet does this: docs/adr/0051). Whoever supervises the pod does it; `initAgain` tells how far it is. Their
 * images are made ready before: one that cannot be had changes nothing.
 *
 * @throws TspodError TS3446 when the pod has none, or is not where they could be run
 */
export async function restartInit(host: Host, { record }: PodView): Promise<void> {
  const paths = podPaths(host.paths, record);
  const check = () => {
    const now = viewPod(host, record.uid);
    const why = now ? obstacle(now) : "has been removed";
    if (!now || why !== undefined) throw refused(record.name, why ?? "");
    return now;
  };
  const { record: before } = check();
  const containers = initOnly(before.pod.spec);
  for (const container of containers) await prepareContainer(host, before, container);
  await inTurnSoon(paths, () => {
    const now = check();
    const after = Object.fromEntries(
      initOnly(now.record.pod.spec).map(({ name }) => [name, lastNumber(now, name)]),
    );
    // As it is on disk: the view has been made from it, in this turn.
    const sandbox = readSandbox(paths) ?? now.sandbox;
    writeSandbox(paths, { ...sandbox, initAgain: { round: sandbox.round ?? 0, after } });
    const names = containers.map(({ name }) => name).join(", ");
    new EventRecorder(host, paths).pod("Normal", "RestartInit", `Init containers are run again: ${names}`);
  });
}

/** Why the init containers cannot be run again now, to be said of the pod. */
function obstacle(view: PodView): string | undefined {
  const { record, sandbox } = view;
  const wanted = initOnly(record.pod.spec);
  if (wanted.length === 0) return "has no init containers that come to an end";
  if (sandbox.phase === "stopped") return "is not running";
  if (sandbox.phase !== "ready") return `is not running yet or any more (${sandbox.phase})`;
  const again = initAgain(view);
  if (again?.is === "next" || again?.is === "running") return "has its init containers run again already";
  if (initAgainAsked(sandbox)) return undefined;
  const done = wanted.every(({ name }) => {
    const last = lastAttempt(view, name);
    const isNow = (last?.record.round ?? 0) === (sandbox.round ?? 0);
    return last && isNow && !last.alive && attemptExitCode(last) === 0;
  });
  return done ? undefined : "has not come to the end of its init containers yet";
}

function refused(name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3446",
    message: `pod ${JSON.stringify(name)} ${why}: nothing was started`,
    hint: why === "is not running" ? `\`tspod start ${name}\` runs them too` : `tspod describe ${name}`,
    exitCode: ExitCode.conflict,
  });
}
