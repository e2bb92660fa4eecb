import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { World } from "./world.ts";

let world: World;

beforeAll(() => {
  world = new World();
});

afterAll(async () => await world.close());

it("lets commands come and go at once on one table and bridge, and loses no port", async () => {
  const script = join(world.directory, "churn.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "churn.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "warning",
  });
  const addon = join(import.meta.dirname, "../../../dist/tspod.node");
  const [commands, rounds] = [4, 30];
  const code =
    "const [script, addon, i, n] = process.argv.slice(1); require(script).churn(require(addon), +i, +n)";
  const run = (index: number) =>
    new Promise<string>((resolve) => {
      const child = spawn(process.execPath, ["-e", code, script, addon, `${index}`, `${rounds}`]);
      let output = "";
      child.stderr.on("data", (text) => {
        output += text;
      });
      child.on("close", (status) => resolve(`${status}${output}`));
    });
  const outcomes = await Promise.all(Array.from({ length: commands }, (_, index) => run(index + 1)));
  expect(outcomes).toEqual(Array(commands).fill("0"));
  const ports = JSON.parse(world.in(undefined, "nft", "-j", "list", "map", "ip", "tspod", "ports"));
  const { elem } = ports.nftables.find((entry: { map?: { elem: unknown[] } }) => entry.map).map;
  expect(elem).toHaveLength((commands * 2 * rounds) / 3);
  expect(world.in(undefined, "ip", "-br", "addr", "show", "tspod0").split(/\s+/)).toContain("10.77.0.1/16");
});
