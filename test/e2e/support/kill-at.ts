import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markVariable } from "../../support/leak/processes.ts";
import { type TspodRoot, tspodBinary } from "../../support/tspod.ts";

/** The system calls of a command that change something outside of it, its state on disk included. */
const changes =
  "mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,symlink,symlinkat,link,linkat,chmod,fchmod,fchmodat," +
  "chown,fchown,write,pwrite64,writev,sendto,sendmsg,clone,clone3,vfork,setns,unshare,mount,umount2,move_mount,flock," +
  "kill,pidfd_send_signal,ftruncate,memfd_create";

/** A call of a command: the `nth` of this name (strace counts each name by itself), and its place among all. */
export interface Call {
  name: string;
  nth: number;
  place: string;
}

/**
 * Runs a command and kills it at one of its calls that change something, before the call does: what is there then is
 * what a crash between two such calls leaves. Returns whether it was killed; false when it had ended before.
 */
export async function killAtCall(tspod: TspodRoot, args: string[], { name, nth }: Call): Promise<boolean> {
  const inject = ["-e", `trace=${name}`, "-e", `inject=${name}:signal=KILL:when=${nth}`];
  const { signal } = await traced(tspod, args, ["-o", "/dev/null", ...inject]);
  return signal === "SIGKILL";
}

/** Such calls of the command when it is left alone, in their order. */
export async function callsOf(tspod: TspodRoot, args: string[]): Promise<Call[]> {
  const folder = mkdtempSync(join(tmpdir(), "tspod-calls-"));
  try {
    const path = join(folder, "calls");
    const { code, stderr } = await traced(tspod, args, ["-o", path, "-e", `trace=${changes}`]);
    if (code !== 0) throw new Error(`tspod ${args.join(" ")} failed under strace: ${stderr}`);
    const names = readFileSync(path, "utf8").match(/^\w+(?=\()/gm) ?? [];
    const counts = new Map<string, number>();
    return names.map((name, index) => {
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      return { name, nth, place: `${name} ${nth}, call ${index + 1} of ${names.length}` };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function traced(tspod: TspodRoot, args: string[], options: string[]) {
  const child = spawn("strace", [...options, tspodBinary, "--root", tspod.dir, ...args], {
    env: { PATH: process.env.PATH ?? "", [markVariable]: tspod.dir },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stderr }));
  });
}
