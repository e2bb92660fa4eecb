import { TspodError } from "../errors/tspod-error.ts";
import { labelKeyFaults, labelValueFaults } from "./formats.ts";
import type { LabelSelector } from "./gen/types.ts";

export type SelectorOperator = "in" | "notin" | "exists" | "!" | "gt" | "lt";

export interface Requirement {
  key: string;
  operator: SelectorOperator;
  values: string[];
}

/** A conjunction of requirements; empty matches everything. */
export type Selector = Requirement[];

/** What > and < compare; without a plus sign, which BigInt does not read. */
const INTEGER = /^-?[0-9]+$/;

const LEXEME = /\s*(?:(==|!=|=|!|<|>|,|\(|\))|([^\s=!<>,()]+))/y;

/**
 * Reads what `-l` takes: `app=web`, `app!=web`, `tier in (a,b)`, `tier notin (a)`, `app`, `!app`, `n>1`, joined by
 * commas. Throws TspodError TS2009, naming what was found and what was expected.
 */
export function parseSelector(text: string): Selector {
  const tokens = lex(text);
  const selector: Selector = [];
  let at = 0;
  const fail = (expected: string): never => {
    throw new TspodError({
      code: "TS2009",
      message: `invalid label selector "${text}": found '${tokens[at] ?? ""}', expected: ${expected}`,
      hint: "for example app=web, tier!=db, 'tier in (a,b)', app, '!app'",
      exitCode: 2,
    });
  };
  const isWord = (token: string | undefined): token is string =>
    token !== undefined && !/^(==|!=|[=!<>,()])$/.test(token);
  const word = (): string => {
    const token = tokens[at];
    if (!isWord(token)) return fail("identifier");
    at++;
    return token;
  };
  const values = (): string[] => {
    if (tokens[at] !== "(") fail("'('");
    const found: string[] = [];
    do {
      at++;
      found.push(isWord(tokens[at]) ? word() : "");
    } while (tokens[at] === ",");
    if (tokens[at] !== ")") fail("',' or ')'");
    at++;
    return [...new Set(found)];
  };
  const requirement = (): Requirement => {
    if (tokens[at] === "!") {
      at++;
      return { key: word(), operator: "!", values: [] };
    }
    const key = word();
    const operator = tokens[at];
    if (operator === undefined || operator === ",") return { key, operator: "exists", values: [] };
    at++;
    if (operator === "=" || operator === "==" || operator === "!=") {
      const value = isWord(tokens[at]) ? word() : "";
      return { key, operator: operator === "!=" ? "notin" : "in", values: [value] };
    }
    if (operator === "in" || operator === "notin") return { key, operator, values: values() };
    if (operator === ">" || operator === "<")
      return { key, operator: operator === ">" ? "gt" : "lt", values: [word()] };
    at--;
    return fail("=, !=, ==, in, notin, >, <");
  };
  while (at < tokens.length) {
    selector.push(check(requirement(), text));
    if (at < tokens.length && tokens[at++] !== ",") {
      at--;
      fail("',' or 'end of string'");
    }
    if (at === tokens.length && tokens[at - 1] === ",") fail("identifier after ','");
  }
  return selector;
}

function lex(text: string): string[] {
  const tokens: string[] = [];
  LEXEME.lastIndex = 0;
  for (let match = LEXEME.exec(text); match !== null; match = LEXEME.exec(text))
    tokens.push((match[1] ?? match[2]) as string);
  return tokens;
}

function check(requirement: Requirement, text: string): Requirement {
  const faults = labelKeyFaults(requirement.key);
  if (requirement.operator === "gt" || requirement.operator === "lt") {
    if (!INTEGER.test(requirement.values[0] ?? ""))
      faults.push("for 'Gt', 'Lt' operators, the value must be an integer");
  } else for (const value of requirement.values) faults.push(...labelValueFaults(value));
  if (faults.length === 0) return requirement;
  throw new TspodError({
    code: "TS2009",
    message: `invalid label selector "${text}": ${faults[0]}`,
    exitCode: 2,
  });
}

/** The same form from a `LabelSelector` of the API (`matchLabels`, `matchExpressions`). */
export function fromLabelSelector(selector: LabelSelector): Selector {
  const operators: Record<string, SelectorOperator> = {
    In: "in",
    NotIn: "notin",
    Exists: "exists",
    DoesNotExist: "!",
  };
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: "in", values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }): Requirement => ({ key, operator: operators[operator] ?? "in", values }),
  );
  return [...equal, ...expressions];
}

/** All requirements at once; `!=`, `notin` and `!` match objects without the label too, as in Kubernetes. */
export function matchesSelector(selector: Selector, labels: Record<string, string> = {}): boolean {
  return selector.every((requirement) => {
    const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    return meets(requirement, value);
  });
}

function meets({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "in":
      return value !== undefined && values.includes(value);
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "gt":
    case "lt": {
      if (value === undefined || !INTEGER.test(value)) return false;
      const [left, right] = [BigInt(value), BigInt(values[0] ?? "0")];
      return operator === "gt" ? left > right : left < right;
    }
  }
}
