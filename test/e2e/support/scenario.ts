import { afterAll, afterEach, beforeEach } from "vitest";
import { expectNoLeaks, type Snapshot, snapshot } from "../../support/leak-check.ts";
import { TspodRoot } from "../../support/tspod.ts";

/**
 * A tspod for the tests of one file. Each test begins with a machine without pods and ends in the leak check, which
 * sees what the test's own `rm` has left. A test that failed before its `rm` is cleaned up after instead.
 */
export function scenario(tspod = new TspodRoot()): TspodRoot {
  let before: Snapshot;
  beforeEach(() => {
    before = snapshot(tspod.dir);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return expectNoLeaks(before);
    tspod.forgetWorkloads();
    await tspod.run(["rm", "-f", "--all", "-A"]);
    await tspod.run(["gc"]);
  });
  afterAll(() => tspod.dispose());
  return tspod;
}
