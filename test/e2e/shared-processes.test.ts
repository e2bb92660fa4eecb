import { expect, it } from "vitest";
import { idle, pod } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("keeps the holder from what a container queues for PID 1, whatever sender it claims", async () => {
  const probe = buildProbe(tspod);
  const app = idle("app", { volumeMounts: [probe.mount] });
  const manifest = tspod.manifest(
    pod("term", [app], { shareProcessNamespace: true, volumes: [probe.volume] }),
  );
  await tspod.ok(["run", "-d", manifest]);
  await tspod.ok(["exec", "term", "--", "/probe/probe", "term-init"]);
  expect(await tspod.ok(["exec", "term", "--", "cat", "/proc/1/comm"])).toBe("pause\n");
  await tspod.ok(["rm", "-t", "0", "term"]);
});
