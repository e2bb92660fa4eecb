import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { patiently } from "../../../src/cli/patience.ts";
import type { PodView } from "../../../src/pod/view.ts";

const view = (terminationGracePeriodSeconds?: number) =>
  ({
    record: { name: "web", pod: { spec: { containers: [], terminationGracePeriodSeconds } } },
  }) as unknown as PodView;

async function told(wait: Parameters<typeof patiently>[2], ms: number, pod = view()): Promise<string> {
  let text = "";
  const work = sleep(ms).then(() => "done");
  expect(await patiently({ err: (more) => (text += more) }, pod, { afterMs: 20, ...wait }, work)).toBe(
    "done",
  );
  return text;
}

it("says what a stop waits for, once, with the grace period that counts", async () => {
  expect(await told({ terminal: true }, 200)).toMatch(/^pod "web" .* 30s .*tspod kill web\n$/);
  expect(await told({ terminal: true }, 200, view(45))).toContain(" 45s ");
  expect(await told({ terminal: true, graceSeconds: 7 }, 200, view(45))).toContain(" 7s ");
});

it.each([
  ["nobody is there to read it", { terminal: false }, 100],
  ["the pod is killed at once", { terminal: true, graceSeconds: 0 }, 100],
  ["the pod ends soon", { terminal: true, afterMs: 60_000 }, 0],
])("says nothing when %s", async (_, wait, ms) => {
  expect(await told(wait, ms)).toBe("");
});
