import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { WORKLOAD_KINDS, type WorkloadKind } from "../../manifest/index.ts";
import { namedObjects } from "../objects/kinds.ts";

export interface NamedWorkload {
  kind: WorkloadKind;
  name: string;
}

export const asWorkloadKind = (kind: string): WorkloadKind | undefined =>
  WORKLOAD_KINDS.find((one) => one === kind);

/** `deployment web`, `deployment/web`, `deployment/web statefulset/db`. @throws TspodError TS3487 for anything else */
export function namedWorkloads(words: readonly string[]): NamedWorkload[] {
  const slashed = words.length > 0 && words.every((word) => word.includes("/"));
  const groups = slashed ? words.map((word) => [word]) : [words];
  return groups.flatMap((group) => {
    const named = namedObjects(group);
    const kind = named && asWorkloadKind(named.kind);
    if (!named || !kind)
      throw usage(`"${group[0] ?? ""}" is no deployment, replicaset, statefulset, daemonset, job or cronjob`);
    if (named.names.length === 0) throw usage(`which ${kind.toLowerCase()}?`);
    return named.names.map((name) => ({ kind, name }));
  });
}

const usage = (message: string): TspodError =>
  new TspodError({
    code: "TS3487",
    message,
    hint: "say KIND NAME or KIND/NAME: deployment/web",
    exitCode: ExitCode.invalid,
  });
