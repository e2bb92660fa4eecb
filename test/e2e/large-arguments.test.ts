import { expect, it } from "vitest";
import { pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("passes a mebibyte of arguments on, and says what the limit is of one that is too long", async () => {
  const words = Array.from({ length: 10 }, () => "x".repeat(100_000));
  const many = sh("app", "", { command: ["sh", "-c", "echo $#", ...words] });
  expect((await tspod.run(["run", tspod.manifest(pod("many", [many]))])).stdout).toContain("9");
  const long = sh("app", "", { command: ["sh", "-c", "echo $#", "x".repeat(140_000)] });
  const refused = await tspod.run(["run", tspod.manifest(pod("long", [long]))]);
  expect(refused.code).toBe(126);
  expect(refused.stderr).toContain("the kernel takes 128 KiB a text");
});
