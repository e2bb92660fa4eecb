import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { type Pods, pick, withoutKind } from "./pods.ts";
import { renderError } from "./render/error.ts";

export interface EachOptions {
  /** A pod that is not there is no error. */
  ignoreNotFound?: boolean;
}

/** Does the same with several pods: one that fails does not keep the others; the first failure gives the exit code. */
export async function forEachPod(
  context: Context,
  pods: Pods,
  names: readonly string[],
  work: (view: PodView) => Promise<void>,
  { ignoreNotFound = false }: EachOptions = {},
): Promise<number> {
  let first = 0;
  const wanted = withoutKind([...names]);
  const results = await Promise.allSettled(wanted.map(async (name) => work(pick(context, pods, name))));
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    const error: unknown = result.reason;
    const missing = error instanceof TspodError && error.exitCode === ExitCode.notFound;
    if (missing && ignoreNotFound) continue;
    if (wanted.length === 1) throw error;
    const { text, exitCode } = renderError(error, context.errStyle, Boolean(process.env.TSPOD_DEBUG));
    context.err(text);
    first ||= exitCode;
  }
  return first;
}
