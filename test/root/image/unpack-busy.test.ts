import { spawn } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tar } from "../../support/image/tar.ts";
import { unpack, workFolder } from "../../support/image/unpack.ts";
import { testProgram } from "../../support/test-program.ts";

it("a layer is unpacked as it is while names change elsewhere on the machine (openat2's EAGAIN)", async () => {
  const work = workFolder();
  const [a, b] = ["a", "b"].map((name) => join(work.path, name)) as [string, string];
  for (const path of [a, b]) mkdirSync(path);
  // The kernel gives up on a ".." when anything anywhere is renamed meanwhile.
  const renaming = spawn(testProgram("exchange"), [a, b], { stdio: "ignore" });
  try {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const entries = numbers.flatMap((i) => [
      { name: `d${i}`, type: "5" },
      { name: `e${i}`, type: "5", mtime: 1_000_000_000 },
      { name: `d${i}/l`, type: "2", link: `../e${i}` },
      { name: `d${i}/l/f`, data: "x" },
      { name: `d${i}/l/s`, type: "5", mtime: 1_000_000_000 },
      { name: `h${i}`, type: "1", link: `d${i}/l/f` },
    ]);
    const layer = join(work.path, "layer");
    mkdirSync(layer);
    const { fs } = await unpack(layer, tar(...entries));
    for (const i of numbers) {
      expect(statSync(join(fs, `e${i}/f`)).nlink, String(i)).toBe(2);
      expect(statSync(join(fs, `e${i}/s`)).mtimeMs, String(i)).toBe(1e12);
    }
    expect(renaming.exitCode).toBeNull();
  } finally {
    renaming.kill("SIGKILL");
    work.remove();
  }
});
