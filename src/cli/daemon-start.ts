import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, utimesSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";
import type { Host } from "../runtime/host.ts";
import type { DaemonPaths } from "../state/daemon-files.ts";

/** For a process that mostly sleeps: V8 keeps little room for garbage, and compiles nothing for speed. */
const FRUGAL = ["--max-semi-space-size=1", "--lite-mode"];

/** Starts the daemon unless there is one. It is a process of its own: nothing of this command goes with it. */
export async function startDaemon(host: Host): Promise<void> {
  const [{ isDaemonThere }, { daemonPaths }] = await Promise.all([
    import("../daemon/presence.ts"),
    import("../state/daemon-files.ts"),
  ]);
  const paths = daemonPaths(host.paths);
  if (isDaemonThere(host)) return haveItLook(paths.lock);
  const out = openLog(paths);
  try {
    const [node, entry] = [process.execPath, process.argv[1] ?? ""];
    const args = [...FRUGAL, entry, "--root", host.paths.root, "daemon"];
    const child = spawn(node, args, {
      cwd: "/",
      detached: true,
      env: { ...process.env, MALLOC_ARENA_MAX: "1" },
      stdio: ["ignore", out, out],
    });
    // Without a daemon the pod lives all the same; the next command tries again.
    child.on("error", () => {});
    child.unref();
  } finally {
    closeSync(out);
  }
}

/** Again and again: whoever tidies up, or a daemon that ends, may take the folder between its making and its use. */
function openLog({ folder, log }: DaemonPaths): number {
  for (;;) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      return openSync(log, "a", 0o600);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}

/** The daemon watches its lock: there may have been no folder of pods that it could have watched. */
function haveItLook(lock: string): void {
  try {
    const now = new Date();
    utimesSync(lock, now, now);
  } catch {
    // It has just gone, and looks once more before it does.
  }
}

/**
 * Starts the daemon if there is something for one to do, and none does it: it was killed, or has made room for this
 * build.
 */
export async function ensureDaemon(host: Host): Promise<void> {
  const { isDaemonThere, isDaemonWanted } = await import("../daemon/presence.ts");
  if (isDaemonThere(host)) {
    const { retireOutdated } = await import("../daemon/hand-over.ts");
    if (!retireOutdated(host)) return;
  }
  if (isDaemonWanted(host)) await startDaemon(host);
}
