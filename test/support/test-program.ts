import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const built = new Set<string>();

/** A program of `native/test`, built when it is missing or older than its source. */
export function testProgram(name: string): string {
  const native = join(import.meta.dirname, "../../native");
  const build = join(native, "build");
  const program = join(build, name);
  if (!built.has(name)) {
    mkdirSync(build, { recursive: true });
    // Test files run side by side.
    execFileSync("flock", [join(build, ".lock"), "make", "-s", "-C", native, program]);
  }
  built.add(name);
  return program;
}
