import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { callsOf, killAtCall } from "./support/kill-at.ts";
import { some } from "./support/killed.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const map = (version: number) =>
  tspod.manifest({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c" },
    data: { a: `${version}`, b: `${version}`, [`only-${version}`]: "" },
  });

it("apply that is killed at any moment leaves a volume all old or all new; the next one finishes", async () => {
  const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
  const volumes = [{ name: "v", configMap: { name: "c" } }];
  await tspod.ok(["apply", "-f", map(0)]);
  await tspod.ok(["run", "-d", tspod.manifest(pod("p", [container], { volumes }))]);
  const { uid } = (await tspod.inspect("p")).metadata;
  const folder = join(tspod.dir, "var/lib/tspod/pods", uid, "volumes/configmap~v");
  const look = () => ["a", "b"].map((name) => readFileSync(join(folder, name), "utf8"));
  const calls = await callsOf(tspod, ["apply", "-f", map(1)]);
  expect(look()).toEqual(["1", "1"]);
  let killed = 0;
  let version = 2;
  const tried = some(calls, 25);
  for (const call of tried) {
    const file = map(version);
    if (await killAtCall(tspod, ["apply", "-f", file], call)) killed++;
    const seen = look();
    expect(
      [
        [`${version - 1}`, `${version - 1}`],
        [`${version}`, `${version}`],
      ],
      call.place,
    ).toContainEqual(seen);
    await tspod.ok(["apply", "-f", file]);
    expect(look(), `after ${call.place}`).toEqual([`${version}`, `${version}`]);
    const names = readdirSync(folder).filter((name) => !name.startsWith("..2"));
    expect(names.sort(), `after ${call.place}`).toEqual(["..data", "a", "b", `only-${version}`]);
    expect(readdirSync(folder)).toHaveLength(5);
    version++;
  }
  expect(killed).toBeGreaterThan(tried.length / 2);
  await tspod.ok(["rm", "-f", "p"]);
  await tspod.ok(["delete", "configmap", "c"]);
});
