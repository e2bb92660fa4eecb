import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../src/cli/program.ts";
import { type Act, COMMANDS } from "../../../src/cli/registry.ts";

const act: Act = () => async () => {};

async function commandOf(name: string): Promise<Command> {
  const entry = COMMANDS.find((one) => one.name === name);
  const command = new Command(name);
  (await entry?.load())?.define(command, act);
  return command;
}

function printed(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (more) => (text += more) });
  command.outputHelp();
  return text;
}

/** What `tspod NAME --help` prints. */
const helpOf = async (name: string): Promise<string> => printed(await commandOf(name));

/** `image pull`, `create secret generic` … with their commands. */
const below = (command: Command, path: string): [string, Command][] =>
  command.commands.flatMap((sub): [string, Command][] => {
    const words = `${path} ${sub.name()}`;
    return [[words, sub], ...below(sub, words)];
  });

describe("help", () => {
  it.each(COMMANDS.map(({ name }) => name))("of %s has an example that can be typed", async (name) => {
    expect(await helpOf(name)).toMatch(new RegExp(`\nExamples:\n(.*\n)*? .*tspod ${name}`));
  });

  it("of a command below a command has one, too", async () => {
    const subs = (
      await Promise.all(COMMANDS.map(async ({ name }) => below(await commandOf(name), name)))
    ).flat();
    expect(subs.length).toBeGreaterThan(20);
    for (const [words, sub] of subs)
      expect(printed(sub), words).toMatch(new RegExp(`\nExamples:\n .*tspod ${words} `));
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
