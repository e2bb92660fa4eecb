import { isatty } from "node:tty";

const ours = [0, 1, 2].filter((fd) => isatty(fd));

/**
 * Ends the process. Node puts the terminal's mode back on its way out and aborts when that fails, which it does when
 * the window has been closed: then we go as a process goes that has lost its terminal, by SIGHUP.
 */
export function leave(exitCode: number): void {
  if (ours.every((fd) => isatty(fd))) process.exit(exitCode);
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}
