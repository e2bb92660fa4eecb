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
  const plans = wanted.map((volume) => {
    const plan = planVolume(volume, input);
    const expected = expectMounts(plan, input);
    return {
      ...plan,
      ops: [...plan.ops, ...expected.ops],
      warnings: [...(plan.warnings ?? []), ...(expected.warnings ?? [])],
    };
  });
  return {
    ops: [
      ...(wanted.length > 0 ? [{ op: "mkdir", path: input.directory, mode: 0o711 } satisfies HostOp] : []),
      ...plans.flatMap(({ ops }) => ops),
    ],
    volumes: new Map(plans.map(({ volume }) => [volume.name, volume])),
    warnings: plans.flatMap(({ warnings }) => warnings),
  };
}

/**
 * What a container mounts in a volume with Bidirectional propagation is the host's too, and stays when it ends. Nobody can
 * tell who mounted what: where the machine itself has mounts (below /, say), all of them are left alone.
 */
function expectMounts(
  { ops, volume }: VolumePlan,
  input: VolumesInput,
): Pick<VolumePlan, "ops" | "warnings"> {
  const { pod, directory, mounts } = input;
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const propagated = [...initContainers, ...containers].some(({ volumeMounts = [] }) =>
    volumeMounts.some(
      ({ name, mountPropagation }) => name === volume.name && mountPropagation === "Bidirectional",
    ),
  );
  if (!propagated) return { ops: [] };
  const { name, path } = volume;
  // The pod's own volumes are removed with all that is in them; anything else may be in use by others.
  if (path.startsWith(`${directory}/`)) {
    const mounted = ops.some((op) => op.op.startsWith("mount-") && "target" in op && op.target === path);
    return { ops: [{ op: "expect-mounts", path, keep: mounted ? [path] : [], detach: true }] };
  }
  const keep = mounts.below(path);
  if (keep.every((point) => point === mounts.at(path).point))
    return { ops: [{ op: "expect-mounts", path, keep, detach: false }] };
  const warning = `volume ${JSON.stringify(name)}: there are other mounts below ${path}, so what containers mount there (mountPropagation: Bidirectional) stays when the pod goes`;
  return { ops: [], warnings: [warning] };
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
