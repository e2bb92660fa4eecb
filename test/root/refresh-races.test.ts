import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { refreshPodVolumes } from "../../src/pod/refresh.ts";
import { listPods } from "../../src/pod/views.ts";
import { openHost } from "../../src/runtime/open-host.ts";
import { podPaths } from "../../src/state/paths.ts";
import { idle, pod } from "../e2e/support/pods.ts";
import { expectNoLeaks, type Snapshot, snapshot } from "../support/leak-check.ts";
import { TspodRoot } from "../support/tspod.ts";

const tspod = new TspodRoot();
const host = openHost({ root: tspod.dir });
let before: Snapshot;

const map = (value: string) =>
  tspod.manifest({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { key: value } });

beforeAll(async () => {
  before = snapshot(tspod.dir);
  const volumes = [
    {
      name: "v",
      projected: {
        sources: [
          { configMap: { name: "c" } },
          { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
        ],
      },
    },
  ];
  const app = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
  await tspod.ok(["run", "-d", map("first"), tspod.manifest(pod("p", [app], { volumes }))]);
});
afterAll(async () => {
  await tspod.run(["rm", "-f", "p"]);
  await tspod.run(["delete", "configmap", "c"]);
  await expectNoLeaks(before).finally(() => tspod.dispose());
});

const record = () => {
  const found = listPods(host).find((each) => each.record.name === "p");
  if (!found) throw new Error("no pod p");
  return found.record;
};
const folder = () => join(podPaths(host.paths, record()).volumes, "projected~v");
const content = (name: string) => readFileSync(join(folder(), name), "utf8");

it("a command that has seen an older record does not bring older content back", async () => {
  const old = record();
  await tspod.ok(["apply", "-f", map("second")]);
  await tspod.ok(["label", "pod", "p", "tier=front"]);
  expect([content("key"), content("labels")]).toEqual(["second", 'tier="front"']);
  expect(refreshPodVolumes(host, old)).toEqual({ volumes: [], failures: [] });
  expect([content("key"), content("labels")]).toEqual(["second", 'tier="front"']);
});

it("labels and objects that change at the same time are all there in the end, and nothing half made", async () => {
  const numbers = Array.from({ length: 6 }, (_, index) => index);
  const outcomes = await Promise.all(
    numbers.flatMap((index) => [
      tspod.run(["label", "pod", "p", `of-${index}=yes`]),
      tspod.run(["apply", "-f", map(`value ${index}`)]),
    ]),
  );
  const said = outcomes.map(({ stderr }) => stderr).join("");
  expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map(() => 0));
  expect(said).not.toMatch(/warning|error/);
  const stored = record().configMaps.find(({ metadata }) => metadata?.name === "c")?.data?.key;
  expect(content("key")).toBe(stored);
  expect(content("labels").split("\n")).toEqual([
    ...numbers.map((index) => `of-${index}="yes"`),
    'tier="front"',
  ]);
  // One `..<time>` folder, `..data` to it, and a link for each file.
  const names = readdirSync(folder()).sort();
  expect(names).toEqual([readlinkSync(join(folder(), "..data")), "..data", "key", "labels"].sort());
});
