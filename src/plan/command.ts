import { TspodError } from "../errors/tspod-error.ts";
import { type Container, expand } from "../manifest/index.ts";
import type { ImageConfig } from "./image-config.ts";

/** PATH of a container whose image sets none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Kubernetes' rules for what runs: `command` replaces the image's entrypoint *and* its arguments; `args` alone
 * replaces only the arguments. `$(VAR)` refers to the container's variables, not the image's.
 */
export function containerArgv(
  container: Container,
  image: ImageConfig,
  env: ReadonlyMap<string, string>,
): string[] {
  const command = (container.command ?? []).map((word) => expand(word, env));
  const args = (container.args ?? []).map((word) => expand(word, env));
  const argv =
    command.length > 0
      ? [...command, ...args]
      : [...(image.Entrypoint ?? []), ...(args.length > 0 ? args : (image.Cmd ?? []))];
  if (argv.length === 0) {
    throw new TspodError({
      code: "TS5104",
      message: `container ${container.name}: no command specified`,
      hint: `the image ${container.image ?? ""} names none: set spec.containers[].command`,
      exitCode: 2,
    });
  }
  return argv;
}

/**
 * The files to try for argv[0], as execvp(3) would: itself if it has a slash, else in each folder of PATH. Nothing is in
 * no folder: its own name (ENOENT), not the folders themselves (EACCES).
 */
export function execCandidates(command: string, path: string): string[] {
  if (command === "" || command.includes("/")) return [command];
  return path.split(":").map((folder) => `${folder === "" ? "." : folder}/${command}`);
}
