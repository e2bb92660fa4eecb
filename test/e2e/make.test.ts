import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectNoLeaks, type Snapshot, snapshot } from "../support/leak-check.ts";
import { checkout, TspodRoot, tspodBinary } from "../support/tspod.ts";

const execute = promisify(execFile);

let tspod: TspodRoot;
let before: Snapshot;

beforeAll(() => {
  tspod = new TspodRoot();
  before = snapshot(tspod.dir);
});

afterAll(async () => {
  await tspod.dispose();
  await expectNoLeaks(before);
});

// What a make above this one was told is not for those below the tests.
const env = { ...process.env, MAKEFLAGS: "", MAKELEVEL: "" };
const make = async (...args: string[]) =>
  (await execute("make", ["--no-print-directory", ...args], { cwd: checkout, env })).stdout;

it("demo ends with what the README shows, a second time too", async () => {
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  const [, shown] = /^The demo ends with.*\n\n```\n([^`]*)```$/m.exec(readme) ?? [];
  for (let time = 1; time <= 2; time++) {
    const printed = await make("demo", `TSPOD=${tspodBinary} --root ${tspod.dir}`);
    // The containers run side by side: only each one's own lines have an order.
    expect(byContainer(printed)).toEqual(byContainer(shown ?? ""));
  }
});

function byContainer(text: string): string[] {
  const container = (line: string) => line.split(" | ")[0]!.trim();
  const lines = text.slice(text.indexOf("$ tspod run")).trimEnd().split("\n");
  return lines.sort((a, b) => container(a).localeCompare(container(b)));
}

it("install puts what runs by itself below PREFIX, and uninstall takes it away", async () => {
  const place = join(tspod.dir, "installed");
  await make("install", `DESTDIR=${place}`, "PREFIX=/usr");
  const installed = join(place, "usr/bin/tspod");
  const run = await execute(installed, ["--root", tspod.dir, "run", join(checkout, "examples/hello.yaml")], {
    cwd: "/",
  });
  expect(run.stdout).toContain("Goodbye from the visitor");
  await make("uninstall", `DESTDIR=${place}`, "PREFIX=/usr");
  expect([existsSync(installed), existsSync(join(place, "usr/lib/tspod"))]).toEqual([false, false]);
});
