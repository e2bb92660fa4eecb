import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  longFiles,
  packagesLoadedBy,
  readSources,
  terminalWriters,
  unrunTests,
  upwardArrows,
} from "../support/source-rules.ts";

const root = join(import.meta.dirname, "../..");
const src = readSources(root, "src", [".ts"]);
const tests = readSources(root, "test", [".ts"]).filter(({ path }) => path !== "test/unit/layers.test.ts");
const native = readSources(root, "native", [".c", ".cc", ".h"]);

describe("the sources", () => {
  it("import only layers below their own", () => {
    expect(src.length).toBeGreaterThan(0);
    expect(upwardArrows(src)).toEqual([]);
  });

  it("write to the terminal only in cli", () => {
    expect(terminalWriters(src)).toEqual([]);
  });

  it("have no file of more than 300 lines", () => {
    expect(longFiles([...src, ...tests, ...native], 300)).toEqual([]);
  });
});

describe("a command that reads no manifest", () => {
  // What `ps` loads: each takes milliseconds from every command.
  it.each(["src/cli/main.ts", "src/cli/commands/ps.ts", "src/pod/index.ts", "src/runtime/open-host.ts"])(
    "loads no parser, no archives and no HTTP with %s",
    (entry) => {
      const loaded = packagesLoadedBy(src, entry);
      expect(loaded).toContain("node:fs");
      for (const heavy of ["yaml", "tar", "node:http", "node:https"]) expect(loaded).not.toContain(heavy);
    },
  );
});

describe("the tests", () => {
  it("are all run", () => {
    expect(unrunTests(tests)).toEqual([]);
  });
});

describe("the rules themselves", () => {
  const file = (path: string, ...lines: string[]) => [{ path, text: `${lines.join("\n")}\n` }];

  it.each([
    ["static", 'import { open } from "../kernel/native.ts";'],
    ["type", 'import type { Kernel } from "../kernel/kernel.ts";'],
    ["dynamic", 'const kernel = await import("../kernel/native.ts");'],
    ["re-exported", 'export * from "../kernel/native.ts";'],
    ["side-effect", 'import "../kernel/native.ts";'],
    ["many-line", 'import {\n  open,\n} from "../kernel/native.ts";'],
  ])("see a %s import that goes up", (_, line) => {
    expect(upwardArrows(file("src/plan/container.ts", line))).toHaveLength(1);
    expect(upwardArrows(file("src/net/bridge.ts", line))).toHaveLength(1);
    expect(upwardArrows(file("src/engine/run.ts", line))).toEqual([]);
  });

  it("let everyone see the kernel's numbers, which see nothing", () => {
    expect(upwardArrows(file("src/plan/a.ts", 'import { MS_BIND } from "../kernel/constants.ts";'))).toEqual(
      [],
    );
    const lifting = 'import type { Op } from "../plan/host-op.ts";';
    expect(upwardArrows(file("src/kernel/constants.ts", lifting))).toHaveLength(1);
  });

  it("see a folder that is no layer", () => {
    expect(upwardArrows(file("src/utils/misc.ts", ""))).toHaveLength(1);
  });

  it("see output outside cli, and not a sentence about it", () => {
    const print = 'console.log("x");';
    expect(terminalWriters(file("src/engine/run.ts", print))).toHaveLength(1);
    expect(terminalWriters(file("src/engine/run.ts", "process.stderr.write(x);"))).toHaveLength(1);
    expect(terminalWriters(file("src/engine/run.ts", `// never ${print}`, `/* nor ${print} */`))).toEqual([]);
    expect(terminalWriters(file("src/cli/render/table.ts", print))).toEqual([]);
    expect(terminalWriters(file("src/engine/run.ts", "const fd = console.theirs;"))).toEqual([]);
  });

  it("see what a file loads, by however many steps, and not what it loads when asked", () => {
    const loads = (...lines: string[]) =>
      packagesLoadedBy(
        [...file("src/cli/a.ts", 'import { b } from "./b.ts";'), ...file("src/cli/b.ts", ...lines)],
        "src/cli/a.ts",
      );
    expect(loads('import { parse } from "yaml";')).toEqual(["yaml"]);
    expect(loads('export {\n  parse,\n} from "yaml";')).toEqual(["yaml"]);
    expect(loads('import "yaml";')).toEqual(["yaml"]);
    expect(loads('import type { Node } from "yaml";', 'await import("yaml");')).toEqual([]);
  });

  it("see a long file", () => {
    const lines = Array.from({ length: 301 }, () => "x;");
    expect(longFiles(file("src/plan/a.ts", ...lines), 300)).toHaveLength(1);
    expect(longFiles(file("src/plan/a.ts", ...lines.slice(1)), 300)).toEqual([]);
  });

  it.each(["it.only(", "test.skip(", "describe.todo(", "it.skipIf(", "xit("])("see %s", (call) => {
    expect(unrunTests(file("test/unit/a.test.ts", "x;", call))).toHaveLength(1);
  });

  it("see that a condition has its reason above it", () => {
    expect(unrunTests(file("test/unit/a.test.ts", "// no v2 here", "it.runIf(v2)("))).toEqual([]);
  });
});
