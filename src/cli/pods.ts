import type { Command } from "commander";
import { selectPod } from "../pod/select.ts";
import type { PodView } from "../pod/view.ts";
import type { Host } from "../runtime/host.ts";
import type { Context } from "./context.ts";
import { type Core, loadCore } from "./core.ts";
import { phase } from "./timings.ts";

export interface Pods {
  host: Host;
  core: Core;
}

/** Opens the host and first finishes or undoes what a killed command has left, saying so. */
export async function openPods(context: Context): Promise<Pods> {
  const [host, core] = await Promise.all([context.host(), loadCore()]);
  for (const { pod, message } of phase(context.timings, "recover", () => core.recover(host)))
    context.err(`pod ${pod}: ${message}\n`);
  await (await import("./daemon-start.ts")).ensureDaemon(host);
  return { host, core };
}

export const DEFAULT_NAMESPACE = "default";

export function namespaceOf(context: Context): string {
  return context.global.namespace ?? DEFAULT_NAMESPACE;
}

/** The pod that the person named. */
export function pick(context: Context, { host, core }: Pods, wanted: string): PodView {
  return selectPod(core.listPods(host), wanted, namespaceOf(context));
}

/** kubectl's words come in two spellings: `get pod web`, `get pod/web`. */
export function withoutKind(words: string[]): string[] {
  const [first, ...rest] = words;
  return first !== undefined && /^(pods?|po)$/i.test(first) ? rest : words;
}

type Example = [typed: string, says: string];

/** Below the help of a command; those of the commands below it, which are there already, stand below theirs too. */
export function examples(command: Command, ...lines: Example[]): void {
  show(command, lines);
  forSubCommands(command, command.name(), lines);
}

function forSubCommands(command: Command, path: string, lines: readonly Example[]): void {
  for (const sub of command.commands) {
    const words = `${path} ${sub.name()}`;
    const own = lines.filter(([typed]) => `${typed} `.includes(`tspod ${words} `));
    if (own.length > 0) show(sub, own);
    forSubCommands(sub, words, own);
  }
}

function show(command: Command, lines: readonly Example[]): void {
  const width = Math.max(...lines.map(([typed]) => typed.length));
  const text = lines.map(([typed, says]) => `  ${typed.padEnd(width)}   ${says}`);
  command.addHelpText("after", `\nExamples:\n${text.join("\n")}`);
}
