import { execFileSync } from "node:child_process";
import { join } from "node:path";

const built = new Set<string>();

/** A program of `native/test`, built when it is missing or older than its source. */
export function testProgram(name: string): string {
  const native = join(import.meta.dirname, "../../native");
  const program = join(native, "build", name);
  if (!built.has(name)) execFileSync("make", ["-s", "-C", native, program]);
  built.add(name);
  return program;
}
