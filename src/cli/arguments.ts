import { constants } from "node:os";
import { InvalidArgumentError } from "commander";

/** Whole seconds, not negative. */
export function seconds(text: string): number {
  return wholeNumber(text.replace(/s$/, ""), "a number of seconds: 0, 10 …");
}

/** How many of something: 0, 1 … */
export function count(text: string): number {
  return wholeNumber(text, "a whole number: 0, 1 …");
}

export function lineCount(text: string): number {
  return text === "-1" ? -1 : wholeNumber(text, "a number of lines, or -1 for all");
}

function wholeNumber(text: string, expected: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return Number(text);
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as kubectl takes it (`90s`, `1h30m`), in milliseconds. */
export function duration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new InvalidArgumentError("Expected a duration such as 30s, 5m or 1h30m.");
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ""] ?? 0), 0);
}

export function moment(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError("Expected a time such as 2026-01-31T12:00:00Z.");
  return date;
}

/** TERM, SIGTERM, term or 15, as a number. */
export function signalNumber(text: string): number {
  const name = text.toUpperCase().replace(/^(SIG)?/, "SIG");
  const known = (constants.signals as Record<string, number>)[name];
  const number = /^\d+$/.test(text) ? Number(text) : known;
  if (number === undefined || number < 1 || number > 64) {
    throw new InvalidArgumentError("Expected a signal such as TERM, SIGKILL or 9.");
  }
  return number;
}

/** Repeated options become a list. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Repeated options and commas make one list. */
export function commaSeparated(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(",").filter((one) => one !== "")];
}

/** It becomes part of paths and names, so what is none goes no further. */
export function namespaceName(text: string): string {
  if (text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError(
    "A namespace is a lowercase RFC 1123 label: at most 63 of 'a'-'z', '0'-'9' and '-', no '-' at its ends.",
  );
}

/** `--root "$DIR"` with a DIR that is not set would mean the machine's own root. */
export function folder(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Expected a folder.");
}
