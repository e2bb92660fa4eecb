import { Command, Option } from "commander";
import { folder, namespaceName } from "./arguments.ts";
import type { Context, GlobalOptions } from "./context.ts";
import { makeContext } from "./context.ts";
import { takeKubectlFlags } from "./kubectl-flags.ts";
import { type Act, COMMANDS, type CommandEntry } from "./registry.ts";
import { needRoot } from "./root.ts";
import { withWayOut } from "./unknown-flags.ts";
import { VERSION } from "./version.ts";

/** What a finished command leaves for main: its exit code and context. */
export interface Outcome {
  exitCode: number;
  context: Context | undefined;
}

const EXAMPLES = `
Examples:
  sudo tspod run examples/hello.yaml     run a pod, follow its logs, end with its exit code
  sudo tspod run -d pod.yaml             start it and return
  sudo tspod ps                          what is running
  tspod explain pod.yaml                 every step it would take, without root

A pod is selected by name, pod/NAME, uid, or the beginning of either.
Exit codes: 0 done, 1 failed, 2 bad manifest or usage, 3 this machine cannot, 4 not found, 5 conflict,
124 timeout, 125 bug in tspod, 126/127 command not executable/not found; run and exec pass codes through.`;

/** The command tree: names and summaries only; the rest of a command is loaded when it is asked for. */
export function buildProgram(outcome: Outcome): Command {
  const program = new Command("tspod")
    .description(
      "Runs Kubernetes Pod manifests as plain Linux processes: namespaces and cgroups, no container engine.",
    )
    .option(
      "-n, --namespace <name>",
      'namespace of the pods (default: "default"; run: the manifest\'s)',
      namespaceName,
    )
    .option(
      "--root <dir>",
      "keep everything below DIR, with a bridge, firewall table and cgroups of its own",
      folder,
    )
    .option("--timings <file>", "append phase timings to FILE as JSON lines")
    .addOption(
      new Option("--color <when>", "colours in output").choices(["auto", "always", "never"]).default("auto"),
    )
    .version(VERSION, "-V, --version", "show the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "Show help for a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(withWayOut(text)) })
    .showHelpAfterError("(tspod --help lists commands; tspod COMMAND --help explains one)")
    .exitOverride()
    .addHelpText("after", EXAMPLES);
  takeKubectlFlags(program);
  const entries = new Map<string, CommandEntry>();
  for (const entry of COMMANDS) {
    entries.set(entry.name, entry);
    program
      .command(entry.name)
      .aliases(entry.aliases ?? [])
      .description(entry.summary)
      .showHelpAfterError(`(tspod ${entry.name} --help explains it)`)
      .helpGroup(entry.group);
  }
  program.hook("preSubcommand", async (_, command) => {
    const entry = entries.get(command.name());
    if (!entry) return;
    (await entry.load()).define(command, actFor(entry, program, outcome));
    for (const sub of command.commands)
      sub.showHelpAfterError(`(tspod ${entry.name} ${sub.name()} --help explains it)`);
    takeKubectlFlags(command);
  });
  return program;
}

function actFor(entry: CommandEntry, program: Command, outcome: Outcome): Act {
  return (action) =>
    async (...args) => {
      const dry = entry.dryRun && (args.at(-1) as Command | undefined)?.opts().dryRun;
      if (entry.root && !dry) needRoot(entry.name, entry.root === true ? undefined : entry.root);
      outcome.context = makeContext(program.opts<GlobalOptions>());
      outcome.exitCode = (await action(outcome.context, ...args)) ?? 0;
    };
}

export function isCommand(word: string): boolean {
  return COMMANDS.some(({ name, aliases }) => name === word || aliases?.includes(word));
}
