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
  expect(refused.stderr).toContain("argument 3 has 140000 bytes; the kernel takes 128 KiB a text");
});

it("gives 5000 variables of the manifest to the program, and says what does not fit into the kernel", async () => {
  const env = Array.from({ length: 5000 }, (_, index) => ({ name: `V${index}`, value: `of ${index}` }));
  const many = sh("app", 'env | grep -c "^V[0-9]*=of"; echo $V4999', { env });
  expect((await tspod.run(["run", tspod.manifest(pod("vars", [many]))])).stdout).toContain("5000\n");
  const big = [{ name: "BIG", value: "x".repeat(131_072) }];
  const refused = await tspod.run(["run", tspod.manifest(pod("big", [sh("app", "true", { env: big })]))]);
  expect(refused.code).toBe(126);
  expect(refused.stderr).toContain("variable BIG has 131076 bytes with its name");
  const words = Array.from({ length: 70 }, () => "x".repeat(100_000));
  const all = sh("app", "", { command: ["sh", "-c", "true", ...words] });
  const much = await tspod.run(["run", tspod.manifest(pod("much", [all]))]);
  expect(much.code).toBe(126);
  expect(much.stderr).toMatch(/these are 7\d texts of 70\d{5} bytes in all/);
});
