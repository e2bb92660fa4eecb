import { it } from "vitest";
import type { Source } from "./sources.ts";

/**
 * One thing that Kubernetes promises, as a test. `id` is the area and a number, and stays when others go; `says` is
 * the promise in our own words; `source` where it is promised. `scripts/gen-conformance-doc.mjs` reads these three
 * from the source text, so they are written as literals, `source` as a member of `from`.
 */
export function behaviour(id: string, says: string, _source: Source, test: () => Promise<void> | void): void {
  it(`${id}: ${says}`, test);
}

/**
 * A behaviour in which tspod is known to differ, and `why`. The test says what Kubernetes does, and is held to fail: on
 * the day that it passes, this goes red and becomes a `behaviour`.
 */
export function deviation(
  id: string,
  says: string,
  _source: Source,
  why: string,
  test: () => Promise<void>,
): void {
  it(`${id}: (not so: ${why}) ${says}`, async () => {
    const differs = await test().then(
      () => false,
      () => true,
    );
    if (!differs) throw new Error(`${id} is as promised now: make it a behaviour`);
  });
}
