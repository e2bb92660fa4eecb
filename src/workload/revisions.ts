import type { PodTemplate } from "../manifest/index.ts";
import { canonical, templateHash } from "./template-hash.ts";

export const REVISION_LABEL = "controller-revision-hash";

/** A template that a StatefulSet or DaemonSet has had; kept as long as pods, or the history, need it. */
export interface Revision {
  /** `<name>-<hash>`, the value of the label of its pods. */
  name: string;
  number: number;
  template: PodTemplate;
  changeCause?: string;
}

export interface RevisionMemory {
  revisions?: Revision[];
}

export interface History {
  /** Oldest first. */
  all: Revision[];
  /** That of the template as it is now. */
  update: Revision;
}

/** The history with the template of now as its latest entry; an old template that comes back gets a new number. */
export function historyOf(
  owner: { name: string; annotations?: Record<string, string> | undefined },
  template: PodTemplate,
  memory: RevisionMemory | undefined,
): History {
  const known = memory?.revisions ?? [];
  const wanted = canonical(template);
  const found = known.find((one) => canonical(one.template) === wanted);
  const highest = Math.max(0, ...known.map(({ number }) => number));
  if (found && found.number === highest) return { all: known, update: found };
  const cause = owner.annotations?.["kubernetes.io/change-cause"];
  const update: Revision = {
    name: found?.name ?? `${owner.name}-${templateHash(template)}`,
    number: highest + 1,
    template,
    ...(cause === undefined ? {} : { changeCause: cause }),
  };
  return { all: [...known.filter((one) => one !== found), update], update };
}

/** Without those that no pod has and that are older than the history goes. */
export function trimmed(all: readonly Revision[], inUse: ReadonlySet<string>, limit: number): Revision[] {
  const idle = all.filter(({ name }) => !inUse.has(name));
  const tooMany = new Set(idle.slice(0, Math.max(0, idle.length - limit)));
  return all.filter((one) => !tooMany.has(one));
}
