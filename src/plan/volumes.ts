import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Volume } from "../manifest/index.ts";
import type { HostOp } from "./host-op.ts";
import { planClaim, planEphemeral } from "./volume/claim.ts";
import { planEmptyDir } from "./volume/empty-dir.ts";
import { planHostPath } from "./volume/host-path.ts";
import { planImage } from "./volume/image.ts";
import type { PlannedVolume, PlanVolume, VolumePlan, VolumesInput } from "./volume/planned.ts";
import { PROJECTED_KINDS, planProjected } from "./volume/projected.ts";

export type { DownwardFacts, MountFacts, Objects, PlannedVolume, VolumesInput } from "./volume/planned.ts";
export { type ProjectedFile, projectionOps } from "./volume/projection.ts";

export interface VolumesPlan {
  ops: HostOp[];
  volumes: Map<string, PlannedVolume>;
  warnings: string[];
}

/** What must exist on the host before a container mounts the pod's volumes. */
export function planVolumes(input: VolumesInput): VolumesPlan {
  const wanted = input.pod.spec?.volumes ?? [];
  const plans = wanted.map((volume) => planVolume(volume, input));
  return {
    ops: [
      ...(wanted.length > 0 ? [{ op: "mkdir", path: input.directory, mode: 0o711 } satisfies HostOp] : []),
      ...plans.flatMap((plan) => [...plan.ops, ...expectedMounts(plan, input)]),
    ],
    volumes: new Map(plans.map(({ volume }) => [volume.name, volume])),
    warnings: plans.flatMap(({ warnings = [] }) => warnings),
  };
}

/** What a container mounts in a volume with Bidirectional propagation is the host's too, and stays when it ends. */
function expectedMounts({ ops, volume }: VolumePlan, { pod, directory, mounts }: VolumesInput): HostOp[] {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const propagated = [...initContainers, ...containers].some(({ volumeMounts = [] }) =>
    volumeMounts.some(
      ({ name, mountPropagation }) => name === volume.name && mountPropagation === "Bidirectional",
    ),
  );
  if (!propagated) return [];
  const { path } = volume;
  // The pod's own volumes are removed with all that is in them; anything else may be in use by others.
  const own = path.startsWith(`${directory}/`);
  const mounted = ops.some((op) => op.op.startsWith("mount-") && "target" in op && op.target === path);
  return [
    { op: "expect-mounts", path, keep: own ? (mounted ? [path] : []) : mounts.below(path), detach: own },
  ];
}

/** One for each kind that is not a projection. */
const KINDS: { [K in keyof Volume]?: PlanVolume<K> } = {
  emptyDir: planEmptyDir,
  hostPath: planHostPath,
  persistentVolumeClaim: planClaim,
  ephemeral: planEphemeral,
  image: planImage,
};

function planVolume(volume: Volume, input: VolumesInput): VolumePlan {
  const projection = PROJECTED_KINDS.find((kind) => volume[kind]);
  if (projection) return planProjected(volume, projection, input);
  for (const kind of Object.keys(KINDS) as (keyof Volume)[]) {
    const source = volume[kind];
    if (source) return (KINDS[kind] as PlanVolume<typeof kind>)(volume.name, source as never, input);
  }
  throw new TspodError({
    code: "TS3203",
    message: `volume ${JSON.stringify(volume.name)}: this kind of volume is not supported yet`,
    exitCode: ExitCode.invalid,
  });
}
