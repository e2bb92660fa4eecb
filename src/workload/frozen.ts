import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { singular, type WorkloadObject } from "../manifest/index.ts";
import { canonical } from "./template-hash.ts";

type Spec = Record<string, unknown>;

/** Fields that stay as they were created, in the API server's words. @throws TspodError TS3433 */
export function refuseFrozen(before: WorkloadObject, after: WorkloadObject): void {
  const [old, now] = [before.spec, after.spec] as unknown as [Spec, Spec];
  const same = (field: string) => canonical(old[field]) === canonical(now[field]);
  const immutable = (field: string) => {
    if (!same(field))
      refuse(after, `spec.${field}: Invalid value: ${shorten(now[field])}: field is immutable`);
  };
  switch (after.kind) {
    case "Deployment":
    case "ReplicaSet":
    case "DaemonSet":
      immutable("selector");
      return;
    case "StatefulSet": {
      const frozen = Object.keys({ ...old, ...now }).filter((field) => !MUTABLE.includes(field));
      if (frozen.every(same)) return;
      const names = MUTABLE.map((field) => `'${field}'`);
      const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
      refuse(
        after,
        `spec: Forbidden: updates to statefulset spec for fields other than ${list} are forbidden`,
      );
      return;
    }
    case "Job": {
      const elastic =
        now.completionMode === "Indexed" && canonical(now.completions) === canonical(now.parallelism);
      if (!elastic) immutable("completions");
      for (const field of [
        "selector",
        "template",
        "completionMode",
        "podFailurePolicy",
        "successPolicy",
        "backoffLimitPerIndex",
      ])
        immutable(field);
      return;
    }
    case "CronJob":
      return;
  }
}

const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

/** A template has many lines; the person wants to know which field. */
const shorten = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "null";
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
};

function refuse({ kind, metadata }: WorkloadObject, reason: string): never {
  throw new TspodError({
    code: "TS3433",
    message: `${kind} ${JSON.stringify(metadata.name)} is invalid: ${reason}`,
    hint: `\`tspod delete ${kind.toLowerCase()} ${metadata.name}\` first, or give ${singular(kind)} another name`,
    exitCode: ExitCode.invalid,
  });
}
