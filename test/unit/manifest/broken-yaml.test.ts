import { describe, expect, it } from "vitest";
import { parse, problemsOf } from "./support.ts";

/** Texts that do not parse: the place is marked with ▸, then the code and the message. */
const cases: [name: string, text: string, code: string, message: string, advice: string][] = [
  [
    "a conflict of versions",
    "metadata:\n▸<<<<<<< HEAD\n  name: a\n=======\n  name: b\n>>>>>>> other\n",
    "TS1101",
    "a conflict of versions was not resolved here",
    "keep one of the two versions",
  ],
  ["a tab", "metadata:\n▸\tname: x\n", "TS1102", "a tab is used as indentation", "use spaces"],
  ["a tab after spaces", "a:\n  b: 1\n  ▸\tc: 2\n", "TS1102", "a tab is used as indentation", "use spaces"],
  [
    "no colon",
    "apiVersion: v1\n▸kind Pod\nmetadata: {}\n",
    "TS1104",
    'a colon is missing after "kind" (YAML)',
    "write kind: Pod",
  ],
  [
    "no colon, nested",
    "metadata:\n  ▸name x\n  labels: {}\n",
    "TS1104",
    'a colon is missing after "name" (YAML)',
    "write name: x",
  ],
  [
    "no space",
    "metadata:\n  ▸name:x\n  labels: {}\n",
    "TS1104",
    'a space is missing after "name:" (YAML)',
    "write name: x",
  ],
  [
    "an open double quote",
    'metadata:\n  name: ▸"x\n  labels: {}\n',
    "TS1105",
    'the quote " opened here is not closed (YAML)',
    'add " at the end of line 2',
  ],
  [
    "an open single quote",
    "metadata:\n  name: ▸'x\nspec: 1\n",
    "TS1105",
    "the quote ' opened here is not closed (YAML)",
    "add ' at the end",
  ],
  [
    "a quote closed by the next one",
    'a: ▸"x\nb: "y"\n',
    "TS1105",
    'the quote " opened here is not closed (YAML)',
    'add " at the end of line 1',
  ],
  [
    "an open bracket",
    "spec:\n  command: ▸[sh, -c\n  image: x\n",
    "TS1105",
    "the bracket [ opened here is not closed (YAML)",
    "add ] at the end of line 2",
  ],
  [
    "an open brace",
    "metadata: ▸{name: x\nspec: {}\n",
    "TS1105",
    "the bracket { opened here is not closed (YAML)",
    "add } at the end of line 1",
  ],
  [
    "JSON without a comma",
    '{"a": ▸1\n "b": 2}\n',
    "TS1105",
    "a comma or colon is missing here (YAML)",
    "write a comma after 1",
  ],
  [
    "JSON without a colon",
    '{"a": 1,\n "b▸" 2}\n',
    "TS1105",
    "a comma or colon is missing here (YAML)",
    "or a colon if it is a key",
  ],
  [
    "a line too deep",
    "spec:\n  a: 1\n   ▸b: 2\n",
    "TS1103",
    "bad indentation of a mapping entry (YAML)",
    "start it at column 3",
  ],
  [
    "a line between two levels",
    "spec:\n    a: 1\n  ▸b: 2\n",
    "TS1103",
    "bad indentation of a mapping entry (YAML)",
    'start it at column 5 to stand under "a", or at column 1',
  ],
  [
    "a value that becomes a map",
    "a: b\n  ▸c: d\n",
    "TS1103",
    "bad indentation of a mapping entry (YAML)",
    "start it at column 1",
  ],
  [
    "an item's key at the list's column",
    "spec:\n  c:\n  - name: a\n  image: b\n  ▸- name: c\n",
    "TS1103",
    "bad indentation of a mapping entry (YAML)",
    'start "image" at column 5',
  ],
  [
    "an item's key one short",
    "c:\n  - name: a\n   ▸image: b\n",
    "TS1103",
    "bad indentation of a mapping entry (YAML)",
    'start it at column 5 to stand under "name"',
  ],
  [
    "two colons",
    "args: ▸a: b\n",
    "TS1101",
    'a second ": " on one line would begin a map inside the value (YAML)',
    'quote the value: "a: b"',
  ],
  ["a reserved character", "a: ▸@x\n", "TS1101", "a value cannot start with @ (YAML)", 'quote it: "@x"'],
  ["a percent sign", "a: ▸%x # why\n", "TS1101", "a value cannot start with % (YAML)", 'quote it: "%x"'],
  [
    "a bad escape",
    'a: "▸\\d+"\n',
    "TS1101",
    "\\d is no escape of a double-quoted text (YAML)",
    "single quotes",
  ],
  [
    "text after a quote",
    'a: "x" ▸y\n',
    "TS1101",
    "this follows a value that is complete already (YAML)",
    "put the quotes around the whole value",
  ],
  [
    "a template",
    "▸{{- if x }}\na: b\n{{- end }}\n",
    "TS1108",
    "this is a Helm template, not yet a manifest: {{- if x }} was not filled in (and 1 more of these)",
    "helm template",
  ],
];

describe("YAML that does not parse", () => {
  it.each(cases)("says what is wrong with %s", (_, text, code, message, advice) => {
    const { marks, found } = problemsOf(text);
    expect(found.filter((one) => / TS1\d{3} /.test(one))).toEqual([`${marks[0]} ${code} ${message}`]);
    const problem = parse(text.replaceAll("▸", "")).problems.find(({ code }) => code.startsWith("TS1"));
    expect([problem?.help, problem?.excerpt?.note].join(" ")).toContain(advice);
  });

  it("does not keep the next documents from being read", () => {
    const { marks, found } = problemsOf('a: ▸"x\n---\n▸apiVersion: v1\n---\nkind: ▸Pot\napiVersion: v1\n');
    expect(found.slice(2)).toEqual([
      `${marks[0]} TS1105 the quote " opened here is not closed (YAML)`,
      `${marks[1]} TS2003 kind: Required value`,
      `${marks[2]} TS2005 kind: no matches for kind "Pot" in version "v1"`,
    ]);
  });

  it.each([
    [
      "an alias without anchor",
      "a: ▸*x\n",
      "TS1107 the alias *x refers to no anchor: there is no &x before it",
    ],
    ["an anchor in itself", "a: &x\n  b: ▸*x\n", "TS1107 the anchor &x contains itself through *x"],
    ["a merge of no map", "<<: ▸1\n", "TS1107 <<: must refer to a map"],
    ["a key that is missing", "▸: x\n", "TS1108 a key is missing before the colon"],
    ["a key that is a map", "a: {▸{ b }: 1}\n", "TS1108 a key must be a word, not a list or a map"],
    ["an unknown tag", "a: !foo ▸b\n", "TS1108 the YAML tag !foo has no meaning in a manifest"],
    ["binary", "a: !!binary ▸aGk=\n", "TS1108 the YAML tag !!binary has no meaning in a manifest"],
    ["a key written twice", "a: 1\nb: 2\n▸a: 3\n", 'TS1106 duplicate field "a"'],
  ])("or means nothing is named: %s", (_, text, expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toContain(`${marks[0]} ${expected}`);
  });

  it("says on which line a field was set before", () => {
    const { problems } = parse("apiVersion: v1\nkind: Pod\nkind: Pod\n");
    expect(problems.find(({ code }) => code === "TS1106")).toMatchObject({
      path: "kind",
      help: "line 2 sets it already: keep one of the two",
    });
  });

  it("survives ten thousand open brackets", () => {
    const { problems } = parse("[".repeat(20000));
    expect(problems).toHaveLength(1);
  });

  it("survives aliases that multiply", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`);
    const bomb = `a0: &a0 x\n${levels.join("\n")}\nspec: {affinity: *a30}\napiVersion: v1\nkind: Pod\n`;
    expect(parse(bomb).problems.map(({ code }) => code)).toEqual(["TS1109"]);
  });
});
