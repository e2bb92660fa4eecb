import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Context } from "./context.ts";
import { renderError } from "./render/error.ts";

export interface EachOptions {
  /** What is not there is no error. */
  ignoreNotFound?: boolean;
}

/**
 * Runs all of them at once: grace periods pass beside each other. What each says is printed in the order given; one that
 * fails does not keep the others, and the first failure gives the exit code.
 */
export async function allAtOnce(
  context: Context,
  works: readonly (() => Promise<string | undefined>)[],
  { ignoreNotFound = false }: EachOptions = {},
): Promise<number> {
  const running = works.map(async (work) => work());
  // Each is asked in its turn; until then nobody listens.
  for (const one of running) one.catch(() => {});
  let first = 0;
  for (const one of running) {
    try {
      const said = await one;
      if (said !== undefined) context.out(said);
    } catch (error) {
      if (ignoreNotFound && error instanceof TspodError && error.exitCode === ExitCode.notFound) continue;
      if (works.length === 1) throw error;
      const { text, exitCode } = renderError(error, context.errStyle, Boolean(process.env.TSPOD_DEBUG));
      context.err(text);
      first ||= exitCode;
    }
  }
  return first;
}
