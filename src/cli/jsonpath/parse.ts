import { ExitCode, TspodError } from "../../errors/tspod-error.ts";

/** One step of a path; each maps a list of values to another. */
export type Step =
  | { step: "field"; name: string }
  | { step: "wildcard" }
  | { step: "descend" }
  | { step: "index"; indexes: number[] }
  | { step: "slice"; from?: number; to?: number; by?: number }
  | { step: "union"; names: BracketName[] }
  | { step: "filter"; left: Operand; operator?: Comparison; right?: Operand };

/** What stands in quotes between brackets: a field's name, or the path that its dots make of it (`['metadata.name']`). */
export interface BracketName {
  name: string;
  path: string[];
}

export type Comparison = "==" | "!=" | "<" | ">" | "<=" | ">=";
export type Operand = { path: Path } | { value: string | number | boolean | null };

/** `$` and, at the top, nothing begin at the root; `@` and, in a range, nothing at the current value. */
export interface Path {
  root: boolean;
  steps: Step[];
}

export type TemplateNode =
  | { node: "text"; text: string }
  | { node: "path"; path: Path }
  | { node: "range"; path: Path; body: TemplateNode[] };

/** Where a field's name ends, as in kubectl's lexer. */
const FIELD = /(?:\\.|[^\s.,[\](){}$@\\=!<>'"])+/y;
const NUMBER = /-?\d+(?:\.\d+)?/y;
const COMPARISON = /==|!=|<=|>=|<|>/y;

/**
 * Reads kubectl's JSONPath templates (k8s.io/client-go/util/jsonpath): text, `{paths}`, `{"quoted text"}` and
 * `{range PATH}…{end}`. @throws TspodError TS3461 that shows where
 */
export function parseTemplate(text: string): TemplateNode[] {
  return new Parser(text).template();
}

/** A single path as custom-columns, --sort-by and wait take it: with or without braces and first dot. */
export function parsePath(text: string): Path {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1] ?? text.trim();
  return new Parser(/^[.[$@]/.test(inner) ? inner : `.${inner}`).wholePath();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): TemplateNode[] {
    const nodes = this.#nodes(false);
    return nodes;
  }

  wholePath(): Path {
    const path = this.#path();
    this.#spaces();
    if (this.#at < this.#text.length) this.#fail("unexpected text");
    return path;
  }

  #nodes(inRange: boolean): TemplateNode[] {
    const nodes: TemplateNode[] = [];
    while (this.#at < this.#text.length) {
      if (!this.#take("{")) {
        const end = this.#text.indexOf("{", this.#at);
        const text = this.#text.slice(this.#at, end < 0 ? undefined : end);
        this.#at += text.length;
        nodes.push({ node: "text", text });
        continue;
      }
      if (this.#action(nodes)) {
        if (!inRange) this.#fail("not in range, nothing to end");
        return nodes;
      }
    }
    if (inRange) this.#fail("unclosed range: {end} is missing");
    return nodes;
  }

  /** What stands between braces; true for `{end}`. */
  #action(nodes: TemplateNode[]): boolean {
    for (;;) {
      this.#spaces();
      if (this.#take("}")) return false;
      if (this.#at >= this.#text.length) this.#fail("unclosed action: } is missing");
      const quote = this.#text[this.#at];
      if (quote === '"' || quote === "'") nodes.push({ node: "text", text: this.#quoted() });
      else if (this.#word("range")) {
        this.#spaces();
        const path = this.#path();
        this.#spaces();
        if (!this.#take("}")) this.#fail("} expected after range");
        nodes.push({ node: "range", path, body: this.#nodes(true) });
        return false;
      } else if (this.#word("end")) {
        this.#spaces();
        if (!this.#take("}")) this.#fail("} expected after end");
        return true;
      } else nodes.push({ node: "path", path: this.#path() });
    }
  }

  #path(): Path {
    const root = this.#take("$");
    if (!root) this.#take("@");
    const steps: Step[] = [];
    for (;;) {
      if (this.#take("..")) {
        steps.push({ step: "descend" });
        if (this.#take("*")) steps.push({ step: "wildcard" });
        else if (this.#text[this.#at] !== "[") steps.push(this.#field());
      } else if (this.#take(".*")) steps.push({ step: "wildcard" });
      else if (this.#take(".")) {
        if (/[\s})\]]/.test(this.#text[this.#at] ?? " ")) continue;
        steps.push(this.#field());
      } else if (this.#take("[")) steps.push(this.#bracket());
      else if (steps.length === 0 && /\w/.test(this.#text[this.#at] ?? "")) steps.push(this.#field());
      else break;
    }
    if (steps.length === 0 && !/[.$@]/.test(this.#text[this.#at - 1] ?? "")) this.#fail("a path expected");
    return { root, steps };
  }

  #field(): Step {
    const name = this.#match(FIELD) ?? this.#fail("a field's name expected");
    return { step: "field", name: name.replace(/\\(.)/g, "$1") };
  }

  #bracket(): Step {
    this.#spaces();
    const step = this.#inBracket();
    this.#spaces();
    if (!this.#take("]")) this.#fail("unterminated array: ] is missing");
    return step;
  }

  #inBracket(): Step {
    if (this.#take("*")) return { step: "wildcard" };
    if (this.#take("?(")) return this.#filter();
    if (/['"]/.test(this.#text[this.#at] ?? ""))
      return { step: "union", names: this.#list(() => this.#bracketName()) };
    const parts = /-?\d*(?::-?\d*){0,2}(?:\s*,\s*-?\d+)*/y;
    const found = this.#match(parts) ?? "";
    if (found === "") this.#fail("an index, a slice, a name in quotes or a filter expected");
    if (!found.includes(":")) return { step: "index", indexes: found.split(",").map(Number) };
    const [from, to, by] = found.split(":").map((one) => (one === "" ? undefined : Number(one)));
    return {
      step: "slice",
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(by === undefined ? {} : { by }),
    };
  }

  #filter(): Step {
    const left = this.#operand();
    this.#spaces();
    const operator = this.#match(COMPARISON) as Comparison | undefined;
    const right = operator && this.#operand();
    this.#spaces();
    if (!this.#take(")")) this.#fail("unclosed filter: ) is missing");
    return { step: "filter", left, ...(operator && right ? { operator, right } : {}) };
  }

  #operand(): Operand {
    this.#spaces();
    if (/['"]/.test(this.#text[this.#at] ?? "")) return { value: this.#quoted() };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { value: Number(number) };
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const)
      if (this.#word(word)) return { value };
    return { path: this.#path() };
  }

  #list<T>(item: () => T): T[] {
    const items = [item()];
    for (;;) {
      this.#spaces();
      if (!this.#take(",")) return items;
      this.#spaces();
      items.push(item());
    }
  }

  #bracketName(): BracketName {
    const text = this.#inQuotes();
    return { name: unescaped(text), path: text.split(/(?<!\\)\./).map(unescaped) };
  }

  #quoted(): string {
    return unescaped(this.#inQuotes());
  }

  #inQuotes(): string {
    const found =
      this.#match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/sy) ?? this.#fail("unterminated quoted string");
    return found.slice(1, -1);
  }

  #spaces(): void {
    this.#match(/\s+/y);
  }

  #word(word: string): boolean {
    return this.#match(new RegExp(`${word}(?![\\w.[])`, "y")) !== undefined;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found;
  }

  #fail(why: string): never {
    throw new TspodError({
      code: "TS3461",
      message: `error parsing jsonpath ${this.#text}, ${why} at character ${this.#at + 1}`,
      hint: "for example '{.status.podIP}' or '{range .items[*]}{.metadata.name}{\"\\n\"}{end}'",
      exitCode: ExitCode.invalid,
    });
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, one: string) => ESCAPES[one] ?? one);
}
