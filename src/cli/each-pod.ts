import type { PodView } from "../pod/view.ts";
import { allAtOnce, type EachOptions } from "./all-at-once.ts";
import type { Context } from "./context.ts";
import { type Pods, pick } from "./pods.ts";

/** Does the same with several pods at once, by their names or uids; `work` gives what is then said of one. */
export function forEachPod(
  context: Context,
  pods: Pods,
  names: readonly string[],
  work: (view: PodView) => Promise<string | undefined>,
  options: EachOptions = {},
): Promise<number> {
  const works = names.map((name) => async () => work(pick(context, pods, name)));
  return allAtOnce(context, works, options);
}
