import { pullPolicyOf } from "../manifest/defaults.ts";
import type { Container, Pod, PodSpec, Toleration } from "../manifest/index.ts";

/** What changing one Pod into another comes to, by the rules of the API server (ValidatePodUpdate). */
export type PodUpdate =
  | { update: "unchanged" }
  | { update: "forbidden"; message: string; fields: string[] }
  | {
      update: "allowed";
      /** Labels or annotations differ. */
      metadata: boolean;
      /** Containers, init containers too, that get another image: their names. */
      images: string[];
      /** Containers whose resources differ: what the API has a subresource for. */
      resources: string[];
      /** Fields of the spec that are taken over as they are. */
      fields: (
        | "activeDeadlineSeconds"
        | "tolerations"
        | "terminationGracePeriodSeconds"
        | "schedulingGates"
      )[];
    };

const IMMUTABLE =
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Compares two pods of one name, both with all defaults. */
export function classifyUpdate(old: Pod, wanted: Pod): PodUpdate {
  const [before, after] = [specOf(old), specOf(wanted)];
  const forbidden = (message: string, fields: string[]): PodUpdate => ({
    update: "forbidden",
    message,
    fields,
  });
  for (const list of ["initContainers", "containers"] as const)
    if (names(before[list]) !== names(after[list]))
      return forbidden(`spec.${list}: Forbidden: pod updates may not add or remove containers`, [
        `spec.${list}`,
      ]);
  const fault =
    deadlineFault(before, after) ??
    tolerationFault(before.tolerations, after.tolerations) ??
    gateFault(before.schedulingGates, after.schedulingGates);
  if (fault) return forbidden(fault.message, [fault.field]);
  const rest = differences(frozen(before, after), frozen(withPolicies(after, before), after), "spec");
  if (rest.length > 0) return forbidden(IMMUTABLE, rest);
  const changed = (field: "image" | "resources") =>
    pairs(before, after)
      .filter(([one, other]) => canonical(one[field] ?? null) !== canonical(other[field] ?? null))
      .map(([one]) => one.name);
  const fields = (
    ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"] as const
  ).filter((field) => canonical(before[field] ?? null) !== canonical(after[field] ?? null));
  const metadata = canonical(mapsOf(old)) !== canonical(mapsOf(wanted));
  const allowed = { metadata, images: changed("image"), resources: changed("resources"), fields };
  const same = !metadata && allowed.images.length + allowed.resources.length + fields.length === 0;
  return same ? { update: "unchanged" } : { update: "allowed", ...allowed };
}

/** The spec with everything that may change taken from the other: what differs then is frozen. */
function frozen(spec: PodSpec, other: PodSpec): PodSpec {
  const {
    activeDeadlineSeconds: _a,
    tolerations: _t,
    terminationGracePeriodSeconds: grace,
    schedulingGates: _g,
    ...rest
  } = spec;
  const containers = (list: "containers" | "initContainers") =>
    (spec[list] ?? []).map((container, index) => {
      const { image, resources } = (other[list]?.[index] ?? {}) as Partial<Container>;
      return { ...container, image, resources };
    });
  const freed = (grace ?? 0) < 0 && other.terminationGracePeriodSeconds === 1;
  return {
    ...rest,
    ephemeralContainers: undefined,
    terminationGracePeriodSeconds: freed ? 1 : grace,
    containers: containers("containers"),
    initContainers: containers("initContainers"),
  } as unknown as PodSpec;
}

/** Gates can be taken away, never added. */
function gateFault(
  before: PodSpec["schedulingGates"] = [],
  after: PodSpec["schedulingGates"] = [],
): { message: string; field: string } | undefined {
  const added = after.find(({ name }) => !before.some((one) => one.name === name));
  if (!added) return undefined;
  return {
    field: "spec.schedulingGates",
    message: `spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate '${added.name}'`,
  };
}

/** A pull policy that is only the default for the image's tag was not asked for: what is there stays. */
export function withPolicies(spec: PodSpec, old: PodSpec): PodSpec {
  const kept = (list: "containers" | "initContainers") =>
    (spec[list] ?? []).map((container, index) => {
      const before = old[list]?.[index]?.imagePullPolicy;
      const asked = container.imagePullPolicy !== pullPolicyOf(container.image ?? "");
      return asked || before === undefined ? container : { ...container, imagePullPolicy: before };
    });
  return {
    ...spec,
    containers: kept("containers"),
    ...(spec.initContainers ? { initContainers: kept("initContainers") } : {}),
  };
}

interface FieldFault {
  field: string;
  message: string;
}

function deadlineFault(before: PodSpec, after: PodSpec): FieldFault | undefined {
  const field = "spec.activeDeadlineSeconds";
  const [was, is] = [before.activeDeadlineSeconds, after.activeDeadlineSeconds];
  if (was === undefined || was === is) return undefined;
  if (is === undefined)
    return {
      field,
      message: `${field}: Required value: must not update from a positive integer to nil value`,
    };
  return is > was
    ? { field, message: `${field}: Invalid value: ${is}: must be less than or equal to previous value` }
    : undefined;
}

function tolerationFault(before: Toleration[] = [], after: Toleration[] = []): FieldFault | undefined {
  const bare = ({ tolerationSeconds: _, ...rest }: Toleration) => canonical(rest);
  const kept = after.map(bare);
  return before.every((one) => kept.includes(bare(one)))
    ? undefined
    : {
        field: "spec.tolerations",
        message:
          "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
      };
}

function specOf({ spec }: Pod): PodSpec {
  return spec ?? { containers: [] };
}

function names(list: readonly Container[] = []): string {
  return list.map(({ name }) => name).join("/");
}

function pairs(before: PodSpec, after: PodSpec): [Container, Container][] {
  return (["initContainers", "containers"] as const).flatMap((list) =>
    (before[list] ?? []).map((one, index): [Container, Container] => [
      one,
      (after[list] ?? [])[index] ?? one,
    ]),
  );
}

function mapsOf({ metadata }: Pod): unknown {
  return [metadata?.labels ?? {}, metadata?.annotations ?? {}];
}

/** The paths, as kubectl writes them, of the values that are not the same. */
function differences(a: unknown, b: unknown, path: string): string[] {
  if (canonical(a ?? null) === canonical(b ?? null)) return [];
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item, index) => differences(item, b[index], `${path}[${index}]`));
  if (isMap(a) && isMap(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differences(a[key], b[key], `${path}.${key}`),
    );
  return [path];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal for equal values, whatever the order of their fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isMap(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
