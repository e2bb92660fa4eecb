import { readFileSync } from "node:fs";
import { TspodError } from "../errors/tspod-error.ts";
import { readInLayers } from "../image/index.ts";
import type { ExecTemplate } from "../plan/exec.ts";
import { parseOps } from "../plan/op-json.ts";
import type { ExecProcess } from "../runtime/exec.ts";
import { startExec } from "../runtime/exec.ts";
import type { Host } from "../runtime/host.ts";
import { resolveExecUser } from "../security/index.ts";
import { attemptPaths, podPaths } from "../state/paths.ts";
import { lastAttempt } from "./last-attempt.ts";
import type { PodView } from "./view.ts";

export interface ExecOptions {
  container: string;
  argv: string[];
  tty?: { rows: number; columns: number };
  stdin: boolean;
  /** Nobody waits for it, and nobody reads what it writes. */
  detached?: boolean;
  /** `user`, `uid`, `user:group`: by the image's own files, as `docker exec -u`. */
  user?: string;
  workingDir?: string;
  env?: readonly (readonly [name: string, value: string])[];
  /** A program of ours in a sealed memfd, run as `argv` in place of a file of the container. */
  program?: number;
}

/** Starts a command in a container of the pod. Throws TS5301 when that is not running. */
export async function execIn(host: Host, view: PodView, options: ExecOptions): Promise<ExecProcess> {
  const container = view.containers.find(({ name }) => name === options.container);
  const attempt = container?.attempts.at(-1);
  if (!attempt?.alive) {
    throw new TspodError({
      code: "TS5301",
      message: `container ${JSON.stringify(options.container)} of pod ${view.record.name} is not running`,
      hint: `\`tspod describe ${view.record.name}\` says why`,
    });
  }
  const { record } = attempt;
  const user = options.user === undefined ? undefined : await lookUp(host, record.image, options.user);
  return startExec(host, {
    container: record,
    paths: attemptPaths(podPaths(host.paths, view.record), record.name, record.attempt),
    argv: options.argv,
    stdin: options.stdin,
    ...(options.detached ? { detached: true } : {}),
    ...(options.tty ? { tty: options.tty } : {}),
    ...(user ? { user } : {}),
    ...(options.workingDir === undefined ? {} : { workingDir: options.workingDir }),
    ...(options.env ? { env: options.env } : {}),
    ...(options.program === undefined ? {} : { program: options.program }),
  });
}

/** Who a command in the container runs as, unless told otherwise: ids as the container has them. */
export function execUser(host: Host, view: PodView, container: string): { uid: number; gid: number } {
  const last = lastAttempt(view, container);
  if (!last) return { uid: 0, gid: 0 };
  const { plan } = attemptPaths(podPaths(host.paths, view.record), container, last.record.attempt);
  return parseOps<ExecTemplate>(readFileSync(plan, "utf8")).security.user;
}

async function lookUp(host: Host, image: string, user: string) {
  const { layers } = await host.images.ensure(image, { pullPolicy: "Never" });
  const read = (path: string) => readInLayers(layers, path, 1 << 20)?.toString("utf8") ?? "";
  return resolveExecUser(user, read("/etc/passwd"), read("/etc/group"));
}
