import { spawnSync } from "node:child_process";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";

/** The person's editor, as kubectl finds it: a shell's command line. */
export function editorOf(env: NodeJS.ProcessEnv): string {
  return env.KUBE_EDITOR || env.EDITOR || "vi";
}

/** Opens a file in the editor and waits for its end. @throws TspodError TS3493 when it cannot be started or fails */
export function openEditor(file: string, env: NodeJS.ProcessEnv): void {
  const editor = editorOf(env);
  const { status, error } = spawnSync("sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
  if (!error && status === 0) return;
  throw new TspodError({
    code: "TS3493",
    message: `there was a problem with the editor ${JSON.stringify(editor)}: ${error?.message ?? `it ended with exit code ${status}`}`,
    hint: "set KUBE_EDITOR or EDITOR",
    exitCode: ExitCode.failure,
    ...(error ? { cause: error } : {}),
  });
}
