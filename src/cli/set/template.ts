import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { PodSpec, WorkloadObject } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { Target } from "../targets.ts";

/** The spec of the pods that an object makes; undefined for one that makes none. */
export function templateSpec(object: StoredObject): PodSpec | undefined {
  if (object.kind === "CronJob") return object.spec.jobTemplate.spec?.template.spec as PodSpec | undefined;
  return "spec" in object && object.spec && "template" in object.spec
    ? (object.spec.template as { spec?: PodSpec } | undefined)?.spec
    : undefined;
}

export function withTemplate<W extends WorkloadObject>(object: W, spec: PodSpec): W {
  const changed = structuredClone(object);
  const holder = changed.kind === "CronJob" ? changed.spec.jobTemplate.spec : changed.spec;
  (holder as { template: { spec: PodSpec } }).template.spec = spec;
  return changed;
}

export function refuseTemplateless({ kind, name }: Pick<Target, "kind" | "name">): TspodError {
  return new TspodError({
    code: "TS3496",
    message: `${kind.toLowerCase()}/${name} has no containers`,
    hint: "pods, deployments, replicasets, statefulsets, daemonsets, jobs and cronjobs have",
    exitCode: ExitCode.invalid,
  });
}
