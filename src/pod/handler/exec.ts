import { expand } from "../../manifest/index.ts";
import { CommandTimedOut, runCommand } from "./command.ts";
import { OUTPUT_LIMIT } from "./output.ts";
import type { HandlerTarget, Limits, Verdict } from "./target.ts";

/** `exec` of a probe: exit code 0 is success, any other and a command that takes too long are failures. */
export async function execProbe(
  target: HandlerTarget,
  argv: readonly string[],
  limits: Limits,
): Promise<Verdict> {
  try {
    const { code, stdout, stderr } = await runCommand(target, withStaticEnv(target, argv), limits);
    const output = Buffer.from(stdout + stderr).subarray(0, OUTPUT_LIMIT);
    return { result: code === 0 ? "success" : "failure", output: output.toString("utf8") };
  } catch (error) {
    if (error instanceof CommandTimedOut) return { result: "failure", output: error.message };
    throw error;
  }
}

/** Probes, unlike hooks, have `$(NAME)` replaced, by variables the manifest gives a plain value. */
function withStaticEnv({ container }: HandlerTarget, argv: readonly string[]): string[] {
  const variables = new Map((container.env ?? []).map(({ name, value }) => [name, value ?? ""]));
  return argv.map((argument) => expand(argument, variables));
}
