import type { Command, Option } from "commander";

/**
 * Flags as kubectl's parser (pflag) takes them, too: `--all-containers=true`, `--watch=false`, `-o=yaml`. To commander a
 * flag that stands alone has no value, and what follows a short flag is its value, equals sign and all.
 */
export function takeKubectlFlags(command: Command): void {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (words) => parse(flagsAsCommander(command.options, words));
  for (const sub of command.commands) takeKubectlFlags(sub);
}

export function flagsAsCommander(options: readonly Option[], words: readonly string[]): string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return words.flatMap((word, at) => {
    // Behind `--` are a container's words; the value of a flag may look like one.
    if (at >= end || options.some((one) => one.required && is(one, words[at - 1]))) return [word];
    return flag(options, word) ?? [word];
  });
}

function flag(options: readonly Option[], word: string): string[] | undefined {
  const [, name = "", value = ""] = /^(-\w|--[\w-]+)=(.*)$/s.exec(word) ?? [];
  const option = options.find((one) => is(one, name));
  if (!option) return undefined;
  if (option.required || option.optional)
    return name === option.short ? [name, ...(value || option.required ? [value] : [])] : undefined;
  if (/^(true|t|1)$/i.test(value)) return [name];
  if (!/^(false|f|0)$/i.test(value)) return undefined;
  const opposite = options.find((one) => one.negate && one.long === `--no-${option.name()}`);
  return opposite?.long ? [opposite.long] : [];
}

function is(option: Option, word: string | undefined): boolean {
  return word !== undefined && (option.short === word || option.long === word);
}
