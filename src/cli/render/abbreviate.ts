import type { ContainerOp } from "../../plan/container-op.ts";
import type { HostOp } from "../../plan/host-op.ts";
import type { ExplainedPod } from "../../pod/index.ts";

/** A path that stands in many lines, and the short name it is given. */
export interface Abbreviation {
  name: string;
  stands: string;
}

/** The uid of a pod that does not exist yet, in the plan's paths. */
const NO_UID = "00000000-0000-0000-0000-000000000000";

/** Names for the folders of the pod that occur in the plan, the longest paths first. */
export function podAbbreviations({ hostOps }: ExplainedPod): Abbreviation[] {
  const paths = hostOps.flatMap(pathsOf).filter((path) => path.includes(NO_UID));
  const prefix = (pattern: RegExp) =>
    paths.map((path) => pattern.exec(path)?.[0]).find((found) => found !== undefined);
  const named = [
    { name: "$RUN", stands: prefix(new RegExp(`^.*/run/tspod/pods/${NO_UID}`)) },
    { name: "$LIB", stands: prefix(new RegExp(`^.*/lib/tspod/pods/${NO_UID}`)) },
    { name: "$LOG", stands: prefix(new RegExp(`^.*/log/pods/[^/]*${NO_UID}`)) },
  ];
  return [
    ...named.filter((one): one is Abbreviation => one.stands !== undefined),
    { name: "<uid>", stands: NO_UID },
  ].map(({ name, stands }) => ({
    name,
    stands: name === "<uid>" ? "the uid the pod will get" : stands.replace(NO_UID, "<uid>"),
  }));
}

export function abbreviate(text: string, short: readonly Abbreviation[]): string {
  return short.reduce(
    (done, { name, stands }) => done.replaceAll(stands, name),
    text.replaceAll(NO_UID, "<uid>"),
  );
}

function pathsOf(op: HostOp | ContainerOp): string[] {
  const own = "path" in op ? op.path : "target" in op ? op.target : "";
  return own === "" ? [] : [own];
}
