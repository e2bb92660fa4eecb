import { describe, expect, it } from "vitest";
import { Draft } from "../../../src/manifest/yaml/draft.ts";
import { parse, pod, problemsOf } from "./support.ts";

const codes = (text: string) => {
  const { problems, warnings } = parse(text);
  return [...problems, ...warnings].map(({ code, position }) => `${position.line} ${code}`);
};

describe("a slip does not hide what stands behind it", () => {
  it.each([
    ["a tag that is missing", "workingDir: srv:", "TS1101"],
    ["a second colon", "workingDir: srv: x", "TS1101"],
    ["a space that is missing", "workingDir:/srv", "TS1104"],
    ["a colon that is missing", "workingDir /srv", "TS1104"],
    ["an equals sign", "workingDir = /srv", "TS1104"],
    ["an at sign", "workingDir: @srv", "TS1101"],
    ["a percent sign", "workingDir: %srv", "TS1101"],
    ["a star", "args: [*, b]", "TS1101"],
    ["an ampersand", "args: [a, &, b]", "TS1101"],
    ["a bracket", "workingDir: ]srv", "TS1101"],
    ["a sign of folding", "workingDir: >srv", "TS1101"],
    ["a text after |", "workingDir: | srv", "TS1101"],
    ["an alias of nothing", "workingDir: *srv", "TS1107"],
    ["an open quote", 'workingDir: "/srv', "TS1105"],
    ["an open bracket", "args: [a, b", "TS1105"],
    ["a comma that is missing", 'args: ["a" "b"]', "TS1105"],
    ["quotes inside quotes", 'workingDir: "a "b" c"', "TS1101"],
    ["an apostrophe", "workingDir: 'it's'", "TS1101"],
    ["a backslash", 'workingDir: "\\d"', "TS1101"],
    ["a list on its key's line", "args: - a", "TS1101"],
    ["a tab", "\tstdin: true", "TS1102"],
    ["a non-breaking space", "workingDir:\u00a0/srv", "TS1102"],
    ["a zero-width space", "\u200bworkingDir: /srv", "TS1102"],
  ])("%s", (_, line, code) => {
    const indented = line.startsWith("\t") ? line : `    ${line}`;
    expect(codes(`${pod({})}${indented}\n    tty: maybe\n`)).toEqual([`9 ${code}`, "10 TS2002"]);
  });

  it("what was read behind it is not an object to be made, and its neighbours are", () => {
    const { objects } = parse(`${pod({ container: "workingDir:/x" })}---\n${pod({}).replace("web", "b")}`);
    expect(objects.map(({ object }) => object.metadata.name)).toEqual(["b"]);
    const twice = parse(pod({ container: "tty: true\ntty: true" }));
    expect([twice.objects, twice.problems.map(({ code }) => code)]).toEqual([[], ["TS1106"]]);
  });

  it("all of them are told in one pass, in their order", () => {
    const lines = ["imagePullPolicy:Never", "workingDir: @home", "tty yes", "stdin: maybe"];
    expect(codes(pod({ container: lines.join("\n") }))).toEqual([
      "9 TS1104",
      "10 TS1101",
      "11 TS1104",
      "12 TS2002",
    ]);
  });

  it("a guessed value is not judged", () => {
    const { found } = problemsOf(pod({ container: 'imagePullPolicy: ▸"x "y" z"\nports: []' }));
    expect(found).toHaveLength(1);
  });

  it("a value that was taken apart is not judged either", () => {
    expect(codes(pod({ container: "imagePullPolicy: Never: x" }))).toEqual(["9 TS1101"]);
  });

  it("a line that was repaired is not complained of again, and its document is left there", () => {
    expect(codes('{"apiVersion": "v1" "kind": "Pot" "metadata": {}}\n')).toEqual(["1 TS1105"]);
  });

  it.each([
    ["four spaces wide", "\tstdin: maybe\n", "spec.containers[0].stdin"],
    ["two spaces wide", "\thostNetwork: maybe\n", "spec.containers[0]"],
  ])("a tab is as wide as the lines around it say: %s", (_, line, path) => {
    const { problems } = parse(`${pod({})}${line}`);
    expect(problems.map((one) => one.code)[0]).toBe("TS1102");
    expect(problems[1]?.message).toContain(`${path}: `);
  });

  it("a line that may belong to two maps is not moved to either", () => {
    const set =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec: {}\n";
    expect(codes(`${set}   metadata: {}\n  replicas: -1\n`)).toEqual(["7 TS1103"]);
  });

  it("with Windows line ends too", () => {
    const text = `${pod({})}    imagePullPolicy:Never\n    tty: maybe\n`.replaceAll("\n", "\r\n");
    expect(codes(text)).toEqual(["9 TS1104", "10 TS2002"]);
  });

  it.each([
    ["one too deep", ["     imagePullPolicy: Never", "     workingDir: /x"]],
    ["two too deep, with what is below it", ["      ports:", "      - containerPort: 80"]],
    ["between two levels, of which one has the field", ["   ports:", "    - containerPort: 80"]],
    ["that is an item before its list", ["    ports:", "   - containerPort: 80"], 1],
  ] as [string, string[], number?][])("a line %s", (_, lines, at = 0) => {
    const text = `${pod({})}${lines.join("\n")}\n  restartPolicy: Nver\n  hostNetwork: maybe\n`;
    expect(codes(text)).toEqual([`${9 + at} TS1103`, "11 TS3003", "12 TS2002"]);
  });

  it("a line that was moved on trial makes nothing missing, and what it holds is read", () => {
    const text = `${pod({}).replace("    image: busybox", "     imge: busybox")}  volumes: [{name: v, emptyDir: {}}]\n`;
    expect(codes(text)).toEqual(["8 TS1103", "8 TS2001"]);
    const mount = "      volumeMounts: [{name: v, mountPath: /x}]\n   volumes: [{name: v, emptyDir: {}}]\n";
    expect(codes(`${pod({})}${mount}`)).toEqual(["9 TS1103", "10 TS1103"]);
  });

  it("a slip that has no sure repair ends its document, and no other", () => {
    const bad = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  - x: y\n";
    expect(codes(`${bad}---\n${pod({ container: "tty: maybe" })}`)).toEqual(["5 TS1103", "15 TS2002"]);
  });
});

describe("a template", () => {
  it.each([
    ["a line of its own", "    {{- toYaml .Values.resources | nindent 4 }}"],
    ["a value", "    workingDir: {{ .Values.dir }}"],
    ["an item", "    args:\n    - {{ .Values.arg }}"],
    ["a condition", "    {{- if .Values.tty }}\n    tty: true\n    {{- end }}"],
    ["a key", "    {{ .Values.key }}: x"],
    ["a comment", "    {{/* why */}}"],
    ["an unknown tool's", "    workingDir: {{ dir }}"],
  ])("is one problem: %s", (_, lines) => {
    expect(codes(`${pod({})}${lines}\n    tty: maybe\n`).map((one) => one.slice(-6))).toEqual(["TS1108"]);
  });

  it("is one problem in a file of many, and the other documents are read", () => {
    const one = pod({ container: "workingDir: {{ .Values.dir }}" });
    const { problems } = parse(`${one}---\n${one}---\n${pod({ container: "tty: maybe" })}`);
    expect(problems.map(({ code }) => code)).toEqual(["TS1108", "TS2002"]);
    expect(problems[0]?.message).toContain("{{ .Values.dir }} was not filled in (and 1 more of these)");
    expect(problems[0]?.help).toContain("helm template");
  });

  it.each([
    ["a text of several lines", "data:\n  a: |\n    {{ .Values.x }}\n    b: {{ .Values.y }}\n  b: c\n"],
    ["a text in an item", "data:\n  a: >-\n    {{ range .Items }}\n"],
    ["a quoted text", "data:\n  a: '{{ $value }}'\n  b: \"{{.Name}}\"\n  c: '{{range .Items}}x{{end}}'\n"],
    ["a format inside a text", "data:\n  a: docker ps --format {{.Names}}\n"],
    ["a comment", "# name: {{ .Values.x }}\ndata: {}\n"],
  ])("is not suspected in %s", (_, data) => {
    expect(codes(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${data}`)).toEqual([]);
  });

  it("in quotes is asked about, since it may be meant", () => {
    const { problems, warnings } = parse(pod({}).replace("busybox", '"{{ .Values.image }}"'));
    expect([problems.length, warnings.map(({ code }) => code)]).toEqual([0, ["TS1111"]]);
  });
});

describe("text that was copied", () => {
  it("curly quotes are asked about, once for each", () => {
    const { problems, warnings } = parse(
      pod({ container: "command: [“sleep”, ‘5’]\nports: [{containerPort: “80”}]" }),
    );
    expect(problems.map(({ code, help }) => [code, help])).toEqual([
      ["TS2002", '“ and ” are no quotes to YAML: they become part of the text; type the quotes anew: "80"'],
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(["TS1111", "TS1111"]);
  });

  it("curly quotes of a key are read as quotes", () => {
    expect(codes("{“apiVersion”: v1, “kind”: Pott}")).toEqual(["1 TS1108", "1 TS1108", "1 TS2005"]);
  });

  it.each([
    ["in quotes", 'data: {a: "“x”"}'],
    ["in a text of several lines", "data:\n  a: |\n    “x”\n    \u00a0y\n"],
    ["inside a text", "data: {a: he said “x” and left}"],
  ])("they are what was meant %s", (_, data) => {
    expect(codes(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${data}`)).toEqual([]);
  });

  it("byte order marks of joined files are nothing", () => {
    const { objects, problems } = parse(`\ufeff${pod({})}---\n\ufeff${pod({}).replace("web", "b")}`);
    expect([objects.length, problems]).toEqual([2, []]);
  });

  it("JSON objects one after another are documents, as kubectl reads them", () => {
    const json = (name: string) =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name },
        data: { url: "http://x//y" },
      });
    const { objects, problems } = parse(`${json("a")}\n${json("b")}${json("c")}\n`);
    expect([objects.length, problems]).toEqual([3, []]);
  });

  it("what a string holds is not where an object ends, however many follow one another", () => {
    const json = (name: string) =>
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { k: '} {"\\' } });
    const { objects, problems } = parse(Array.from({ length: 300 }, (_, i) => json(`a${i}`)).join("\n"));
    expect([objects.length, problems]).toEqual([300, []]);
  });

  it("a slip among objects that follow one another is told once, with its own place", () => {
    const one = (name: string, more = "") =>
      `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "${name}"}${more}}\n`;
    expect(codes(one("a") + one("b", ', "dta": {}') + one("c"))).toEqual(["2 TS2001"]);
    const lines = (name: string, more = "") =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
    expect(codes(lines("a", "data:\n  k: @x\n") + lines("b") + lines("c"))).toEqual([
      "6 TS1101",
      "7 TS1106",
      "11 TS1106",
    ]);
  });

  it("a version of YAML may be declared", () => {
    expect(codes(`%YAML 1.1\n---\n${pod({})}`)).toEqual([]);
    expect(codes(`# why\n%YAML 1.1\n---\n${pod({})}`)).toEqual([]);
  });

  it("an anchor alone is no object", () => {
    expect(codes("&x\n")).toEqual(["1 TS2011"]);
  });

  it("an anchor in the place of a value is named", () => {
    const { warnings } = parse(pod({ container: "env: [{name: A, value: &secret}]" }));
    expect(warnings.map(({ message, help }) => [message, help])).toEqual([
      ["&secret names an anchor, and no value follows it", 'if it is the value, quote it: "&secret"'],
    ]);
  });
});

it("two objects in one document are both read", () => {
  const { problems } = parse(`${pod({ container: "tty: maybe" })}${pod({ container: "stdin: maybe" })}`);
  expect(problems.map(({ code, position }) => `${position.line} ${code}`)).toEqual(
    ["9 TS2002", "10 TS1106", "18 TS2002", "13 TS3004"].sort(
      (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
    ),
  );
});

it("a repaired text leads back to the original one", () => {
  const draft = new Draft("a:b c:d e");
  draft.repair({ start: 6, end: 7, text: "D" });
  draft.repair({ start: 2, end: 2, text: " " });
  draft.repair({ start: 8, end: 10, text: "" });
  expect(draft.text).toBe("a: b c:D");
  const back = [...draft.text].map((_, at) => draft.origin(at));
  expect(back).toEqual([0, 1, 2, 2, 3, 4, 5, 6]);
  expect(draft.origin(draft.text.length)).toBe(9);
});
