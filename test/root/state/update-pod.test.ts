import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepEnd, updatePod } from "../../../src/state/update-pod.ts";
import { buildProgram } from "../support/program.ts";

const top = mkdtempSync(join(tmpdir(), "tspod-update-"));
const run = join(top, "uid");
const paths = { run, record: join(run, "pod.json"), kept: join(top, "kept.json") };
const program = join(top, "writer.cjs");

beforeAll(async () => {
  mkdirSync(run);
  writeFileSync(paths.record, JSON.stringify({ pod: { metadata: { labels: {} } } }));
  await buildProgram(
    program,
    `import { updatePod } from "./state/update-pod.ts";
     const [, , run, record, name] = process.argv;
     for (let i = 0; i < 50; i++)
       updatePod({ run, record, kept: run + "/kept.json" }, (one) => ({ ...one, [name + i]: true }));`,
  );
});
afterAll(() => rmSync(top, { recursive: true }));

it("loses no change of several processes that write at once", async () => {
  const writers = ["a", "b", "c"];
  await Promise.all(
    writers.map((name) => promisify(execFile)(process.execPath, [program, run, paths.record, name])),
  );
  const keys = Object.keys(JSON.parse(readFileSync(paths.record, "utf8")));
  expect(keys).toHaveLength(1 + 3 * 50);
  expect(readdirSync(run)).toEqual(["pod.json"]);
});

it("keeps in the copy how the pod has ended, and notes it only there", () => {
  writeFileSync(paths.kept, readFileSync(paths.record));
  keepEnd(paths, "Succeeded");
  updatePod(paths, (one) => ({ ...one, name: "renamed" }));
  const kept = () => JSON.parse(readFileSync(paths.kept, "utf8"));
  expect(kept()).toMatchObject({ name: "renamed", endedAs: "Succeeded" });
  expect(JSON.parse(readFileSync(paths.record, "utf8"))).not.toHaveProperty("endedAs");
  keepEnd(paths, undefined);
  expect(kept()).not.toHaveProperty("endedAs");
  expect(kept().name).toBe("renamed");
  rmSync(paths.kept);
});

it("writes nothing when nothing is changed, and nothing for a pod that has gone", () => {
  const before = readFileSync(paths.record, "utf8");
  expect(updatePod(paths, (record) => record)).toMatchObject({ pod: {} });
  expect(readFileSync(paths.record, "utf8")).toBe(before);
  // Removed by another command after the folder was locked.
  const away = updatePod(paths, (record) => {
    renameSync(run, join(top, ".trash-uid"));
    return { ...record, name: "late" };
  });
  expect(away).toBeUndefined();
  expect(updatePod(paths, (record) => record)).toBeUndefined();
  expect(readdirSync(top).sort()).toEqual([".trash-uid", "writer.cjs"]);
});
