import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, type Option } from "commander";
import { describe, expect, it } from "vitest";
import { type Act, COMMANDS, type CommandEntry } from "../../../src/cli/registry.ts";

const act: Act = () => async () => {};
const page = readFileSync(join(import.meta.dirname, "../../../docs/commands.md"), "utf8");

const common = page.slice(page.indexOf("## For every command"), page.indexOf("## Run pods"));

/** The lines of the page that are about a command: rows whose first cell has its name, and paragraphs that begin with it. */
function about(name: string): string {
  const named = new RegExp(`(^|\\W)${name}(?![\\w-])`);
  return page
    .split("\n")
    .filter((line) => named.test(line.startsWith("| ") ? (/^\| (?:\\\||[^|])*/.exec(line)?.[0] ?? "") : ""))
    .join("\n");
}

const has = (text: string, flag: string) => new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(text);

interface Documented {
  /** `create configmap` */
  path: string;
  options: readonly Option[];
}

/** A command and its sub-commands, each with its flags. */
async function documented(entry: CommandEntry): Promise<Documented[]> {
  const command = new Command(entry.name);
  (await entry.load()).define(command, act);
  const walk = (one: Command, path: string): Documented[] => [
    { path, options: one.options.filter(({ hidden }) => !hidden) },
    ...one.commands.flatMap((sub) => walk(sub, `${path} ${sub.name()}`)),
  ];
  return walk(command, entry.name);
}

describe("docs/commands.md", () => {
  it.each(COMMANDS.map(({ name }) => name))("has %s with every flag", async (name) => {
    const entry = COMMANDS.find((one) => one.name === name) as CommandEntry;
    const text = [name, ...(entry.aliases ?? [])].map(about).join("\n");
    expect(text, `a row for ${name}`).not.toBe("");
    const missing = (await documented(entry)).flatMap(({ path, options }) =>
      options
        .filter(({ long, short }) => ![long, short].some((flag) => flag && has(text + common, flag)))
        .map(({ flags }) => `${path} ${flags}`),
    );
    expect(missing).toEqual([]);
  });
});
