import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { writeOrPause } from "../../../src/cli/attach/back-pressure.ts";

it("many writes that are not taken wait once, and all arrive", async () => {
  const source = new PassThrough();
  const target = new PassThrough({ highWaterMark: 4 });
  source.on("data", (chunk: Buffer) => {
    for (const byte of chunk) writeOrPause(source, target, Buffer.from([byte]));
  });
  source.write("a".repeat(100));
  await new Promise((resolve) => setImmediate(resolve));
  expect([source.isPaused(), target.listenerCount("drain")]).toEqual([true, 1]);

  let taken = 0;
  for await (const chunk of target) {
    taken += chunk.length;
    if (taken === 100) break;
  }
  expect([taken, source.isPaused()]).toEqual([100, false]);
});
