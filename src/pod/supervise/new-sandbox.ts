import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { holding } from "../../image/index.ts";
import type { Volume } from "../../manifest/index.ts";
import { type PodPlanInput, planSandboxOf } from "../../plan/pod.ts";
import { emptyDirPath } from "../../plan/volume/empty-dir.ts";
import type { Host } from "../../runtime/host.ts";
import { networkLock, releaseSandbox, runSandbox, undoForNewSandbox } from "../../runtime/sandbox.ts";
import { withLock } from "../../state/lock.ts";
import { type PodPaths, podPaths } from "../../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../../state/record.ts";
import { readSandbox, writeSandbox } from "../../state/records.ts";
import { inTurnSoon } from "../../state/turn.ts";
import { updatePod } from "../../state/update-pod.ts";
import { endContainers, runningIn } from "../end-containers.ts";
import type { EventRecorder } from "../events.ts";
import { manifestGrace } from "../grace.ts";
import { checkHost, checkInLine } from "../host-checks.ts";
import { ensureVolumeImages } from "../images.ts";
import { unplaced } from "../locate.ts";
import { tellPending, tellScheduled, withNews } from "../pending.ts";
import { podPlanInput } from "../plan-input.ts";
import type { PodView } from "../view.ts";

type ImageLayers = NonNullable<PodPlanInput["imageLayers"]>;

/**
 * Gives a pod another sandbox, with another address: its holder is gone, and with it what the containers shared, so they
 * are ended; or it was stopped, and is started again. Its uid, volumes' data, logs and the history of its containers
 * stay. False when it could not be made.
 */
export async function newSandbox(host: Host, before: PodView, events: EventRecorder): Promise<boolean> {
  const paths = podPaths(host.paths, before.record);
  const { fresh } = before.sandbox;
  const view = fresh ? { ...before, record: withNews(host, before.record, paths) } : before;
  const { record } = view;
  if (view.sandbox.phase !== "recreating")
    events.pod("Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  await endContainers(host, view, runningIn(view), {
    graceSeconds: manifestGrace(record),
    events,
  });
  const images = holding(host.images);
  const failure = await layersOf({ ...host, images }, view)
    .then((layers) => inTurnSoon(paths, () => attempt(host, paths, record, layers)))
    .catch((error: Error) => error)
    .finally(images.release);
  if (!failure) {
    if (before.sandbox.unschedulable !== undefined) tellScheduled(host, record, events);
    events.pod("Normal", "SandboxCreated", `Created sandbox ${record.uid}`);
    return true;
  }
  tellPending(paths, events, failure);
  return false;
}

/** Of the images that volumes show; needed only where the volumes are made anew. */
async function layersOf(host: Host, { record, sandbox }: PodView): Promise<ImageLayers> {
  const volumes = sandbox.fresh ? (record.pod.spec?.volumes ?? []) : [];
  const locate = unplaced(record.source);
  if (sandbox.fresh) checkHost(host, record, locate);
  const images = await ensureVolumeImages(host, volumes, { locate });
  const volumeImages = [...images.values()].map(({ planned }) => planned.id);
  if (volumeImages.length > 0) updatePod(podPaths(host.paths, record), (now) => ({ ...now, volumeImages }));
  return new Map([...images].map(([reference, { planned }]) => [reference, planned.layers]));
}

function attempt(
  host: Host,
  paths: PodPaths,
  record: PodRecord,
  imageLayers: ImageLayers,
): Error | undefined {
  const now = readSandbox(paths);
  if (now?.phase !== "ready" && now?.phase !== "recreating") return undefined;
  try {
    replace(host, paths, { record, old: now, imageLayers });
    return undefined;
  } catch (error) {
    undoForNewSandbox(host, paths, keptVolumes(paths, record, now));
    return error as Error;
  }
}

function replace(
  host: Host,
  paths: PodPaths,
  { record, old, imageLayers }: { record: PodRecord; old: SandboxRecord; imageLayers: ImageLayers },
): void {
  const { infra: _, ...rest } = old;
  const making: SandboxRecord = { ...rest, phase: "recreating", namespaces: {}, ip: "" };
  writeSandbox(paths, making);
  const failures = undoForNewSandbox(host, paths, keptVolumes(paths, record, old));
  if (failures[0]) throw failures[0];
  if (old.fresh) clearFolders(host, paths, record);
  withLock(networkLock(host), () => {
    if (old.fresh) checkInLine(host, record, unplaced(record.source));
    const { input } = podPlanInput(host, { record, paths });
    const again = old.fresh ? "without-volumes" : "with-volumes";
    const plan = planSandboxOf({ ...input, imageLayers }, { again });
    const ops = plan.ops.filter((op) => op.op !== "mkdir" || !existsSync(op.path));
    const address = input.network ? input.podIP : "";
    const next = { ...making, ip: address, hostIP: input.hostIP, ports: input.ports, cgroup: plan.cgroup };
    writeSandbox(paths, next);
    releaseSandbox(host, runSandbox(host, paths, { ops, record: next, address }));
  });
  const { fresh, unschedulable: _none, ...made } = readSandbox(paths) ?? making;
  const round = (old.round ?? 0) + 1;
  const began = {
    ...(fresh ? { firstRound: round } : {}),
    ...(old.unschedulable === undefined ? {} : { startedAt: host.now().toISOString() }),
  };
  writeSandbox(paths, { ...made, phase: "ready", round, sandboxRound: round, ...began });
}

/** What stays of the volumes: all of a pod that was running, the data on disk of one that was stopped. */
function keptVolumes(paths: PodPaths, { pod }: PodRecord, { fresh }: Pick<SandboxRecord, "fresh">): string[] {
  if (!fresh) return [paths.volumes];
  const isData = ({ emptyDir }: Volume) => emptyDir !== undefined && !emptyDir.medium;
  return (pod.spec?.volumes ?? []).filter(isData).map(({ name }) => emptyDirPath(paths.volumes, name));
}

/** What a stopped pod left that its journal does not have any more: the machine may have been restarted since. */
function clearFolders(host: Host, paths: PodPaths, record: PodRecord): void {
  const { kernel } = host;
  const data = keptVolumes(paths, record, { fresh: true }).map((path) => basename(path));
  kernel.removeTree(paths.etc);
  for (const name of kernel.listDirectory(paths.volumes))
    if (!data.includes(name)) kernel.removeTree(join(paths.volumes, name));
  const spec = record.pod.spec ?? { containers: [] };
  kernel.ensureDirectory(paths.containers, 0o700);
  for (const { name } of [...(spec.initContainers ?? []), ...spec.containers]) {
    if (!existsSync(join(paths.logs, name))) continue;
    // Its next attempt goes on counting, and does not make these.
    if (!existsSync(join(paths.containers, name))) kernel.removeTree(join(paths.lib, "containers", name));
    kernel.ensureDirectory(join(paths.containers, name), 0o700);
    kernel.ensureDirectory(join(paths.lib, "containers", name), 0o700);
  }
}
