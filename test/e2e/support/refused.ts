import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import type { Outcome, TspodRoot } from "../../support/tspod.ts";
import { pod, sh } from "./pods.ts";

export type Refused = (manifest: string | object, args?: string[]) => Promise<Outcome & { file: string }>;

/** A way to run a manifest that is to be refused: nothing on stdout, no pod afterwards, no stack trace. */
export function refusals(tspod: TspodRoot): Refused {
  beforeAll(async () => {
    // The image store is there from here on: what a refused manifest may not do is make a pod.
    expect((await tspod.run(["run", "-q", tspod.manifest(pod("first", [sh("a", "true")]))])).code).toBe(0);
  });
  const pods = join(tspod.dir, "run/tspod/pods");
  return async (manifest, args = []) => {
    const file = tspod.manifest(manifest);
    const outcome = await tspod.run(["run", "-d", ...args, file]);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).not.toMatch(/internal error|at .*\.[jt]s:\d+|undefined|\[object/);
    expect(existsSync(pods) ? readdirSync(pods) : []).toEqual([]);
    return { ...outcome, file };
  };
}
