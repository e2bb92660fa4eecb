import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../src/cli/program.ts";
import { type Act, COMMANDS } from "../../../src/cli/registry.ts";

const act: Act = () => async () => {};

/** What `tspod NAME --help` prints. */
async function helpOf(name: string): Promise<string> {
  const entry = COMMANDS.find((one) => one.name === name);
  const command = new Command(name);
  (await entry?.load())?.define(command, act);
  let text = "";
  command.configureOutput({ writeOut: (more) => (text += more) });
  command.outputHelp();
  return text;
}

describe("help", () => {
  it.each(COMMANDS.map(({ name }) => name))("of %s has an example that can be typed", async (name) => {
    expect(await helpOf(name)).toMatch(new RegExp(`\nExamples:\n(.*\n)*? .*tspod ${name}`));
  });

  it("of tspod lists every command with a summary and loads none", () => {
    const help = buildProgram({ exitCode: 0, context: undefined }).helpInformation();
    for (const { name, summary } of COMMANDS) {
      expect(help).toMatch(new RegExp(`^ {2}${name}[ |]`, "m"));
      expect(help).toContain(summary.slice(0, 30));
    }
  });

  it("says what a short flag means only once", async () => {
    for (const { name } of COMMANDS) {
      const flags = [...(await helpOf(name)).matchAll(/^ {2}(-\w),/gm)].map(([, flag]) => flag);
      expect(new Set(flags).size, name).toBe(flags.length);
      // Global flags are found wherever they stand, so no command may have them for itself.
      expect(flags).not.toContain("-n");
    }
  });
});
