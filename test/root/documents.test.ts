import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentedCommands, outputPattern } from "../support/console-doc.ts";
import { expectNoLeaks, type Snapshot, snapshot } from "../support/leak-check.ts";
import { checkout, TspodRoot, tspodBinary } from "../support/tspod.ts";

const documents = ["README.md", ...readdirSync(join(checkout, "docs")).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, commands: documentedCommands(readFileSync(join(checkout, name), "utf8")) }))
  .filter(({ commands }) => commands.length > 0);

it("the README shows commands", () => {
  expect(documents.map(({ name }) => name)).toContain("README.md");
});

describe.each(documents)("$name", ({ name, commands }) => {
  let root: TspodRoot;
  let bin: string;
  let before: Snapshot;

  beforeAll(() => {
    root = new TspodRoot();
    before = snapshot(root.dir);
    // What a reader has: tspod on the path, and sudo.
    bin = join(root.dir, "bin");
    mkdirSync(bin);
    script("tspod", `exec ${tspodBinary} --root ${root.dir} "$@"`);
    script("sudo", 'exec "$@"');
  });

  afterAll(async () => {
    await root.dispose();
  });

  function script(command: string, body: string) {
    writeFileSync(join(bin, command), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, command), 0o755);
  }

  it.each(commands)("$line: $command", ({ line, command, expected }) => {
    const { stdout } = spawnSync("bash", ["-c", `${command} 2>&1`], {
      cwd: checkout,
      env: { PATH: `${bin}:${process.env.PATH}`, HOME: process.env.HOME, TSPOD_TEST_ROOT: root.dir },
      encoding: "utf8",
      timeout: 300_000,
    });
    expect(withoutHostWarnings(stdout, expected), `${name}:${line}`).toMatch(outputPattern(expected));
  });

  /** What this host cannot do is warned of, and documents are not about this host. */
  function withoutHostWarnings(output: string, expected: string[]): string {
    const isShown = expected.some((line) => line.startsWith("warning: "));
    return isShown ? output : output.replace(/^warning: .*\n/gm, "");
  }

  it("leaves nothing behind", async () => {
    await expectNoLeaks(before);
  });
});
