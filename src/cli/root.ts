import { ExitCode, TspodError } from "../errors/tspod-error.ts";

/** @throws TspodError TS4001 (exit 3) with the line to type instead. */
export function needRoot(command: string, alternative: string | undefined): void {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return;
  const typed = ["sudo", "tspod", ...process.argv.slice(2).map(quote)].join(" ");
  throw new TspodError({
    code: "TS4001",
    message: `tspod ${command} needs root (your uid is ${uid}): pods are made of namespaces, mounts and cgroups`,
    hint: alternative ? `${typed}\n${alternative}` : typed,
    exitCode: ExitCode.hostNotAble,
  });
}

/** A word as a shell would need it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
