import { apiTime, type Clock } from "./clock.ts";

/** A condition as every kind has them; Deployments also say when it was last looked at. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
}

type New = Required<Pick<Condition, "type" | "status" | "reason" | "message">>;

export const conditionOf = <C extends Condition>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined => conditions?.find((one) => one.type === type);

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === "True";

/** With the condition in place of the one of its type; a status that stays keeps its time. */
export function withCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  wanted: New,
  clock: Clock,
  stamp: "lastUpdateTime" | "lastProbeTime" | undefined = undefined,
): C[] {
  const before = conditionOf(conditions, wanted.type);
  if (
    before &&
    before.status === wanted.status &&
    before.reason === wanted.reason &&
    before.message === wanted.message
  )
    return [...(conditions ?? [])];
  const now = apiTime(clock.now);
  const same = before?.status === wanted.status;
  const condition = {
    ...wanted,
    ...(stamp === undefined ? {} : { [stamp]: now }),
    lastTransitionTime: same ? (before.lastTransitionTime ?? now) : now,
  } as unknown as C;
  return [...(conditions ?? []).filter((one) => one.type !== wanted.type), condition];
}

export const withoutCondition = <C extends Condition>(
  conditions: readonly C[] | undefined,
  type: string,
): C[] => (conditions ?? []).filter((one) => one.type !== type);
