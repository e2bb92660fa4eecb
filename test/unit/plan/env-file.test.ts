import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../../../src/manifest/index.ts";
import { containerEnv, type EnvFacts } from "../../../src/plan/env.ts";
import { valueInEnvFile } from "../../../src/plan/env-file.ts";

describe("an env file", () => {
  const file = `# first a comment
A='one'

  B='two # no comment $HOME \\n "x"'   # a comment
\tC='several
lines

# of it'
D=
E= 'empty, as in a shell'
A='not this one'
F='last'`;

  it.each([
    ["A", "one"],
    ["B", 'two # no comment $HOME \\n "x"'],
    ["C", "several\nlines\n\n# of it"],
    ["D", ""],
    ["E", ""],
    ["F", "last"],
    ["G", undefined],
    ["empty", undefined],
  ])("has %s: %j", (key, value) => {
    expect(valueInEnvFile(file, key)).toBe(value);
  });

  it("may have the line ends of other systems, and be empty", () => {
    expect(valueInEnvFile("A='1'\r\nB='2'\r\n", "B")).toBe("2");
    expect(valueInEnvFile("", "B")).toBeUndefined();
  });

  it.each([
    ["A", "line 2: missing '='"],
    ["='x'", "line 2: empty variable name"],
    ["A ='x'", "line 2: whitespace before '=' is not allowed"],
    ["export A='x'", "line 2: whitespace in the variable name is not allowed"],
    ["A=x", "line 2: value must be enclosed in single quotes"],
    ['A="x"', "line 2: value must be enclosed in single quotes"],
    ["A='x", "line 2: unclosed single quote"],
    ["A='x'y", "line 2: unexpected content after closing quote"],
    ["A='x' 'y'", "line 2: unexpected content after closing quote"],
  ])("with %j is refused: %s", (wrong, words) => {
    expect(() => valueInEnvFile(`Z='1'\n${wrong}\n`, "X")).toThrow(words);
    expect(valueInEnvFile(`Z='1'\n${wrong}\n`, "Z")).toBe("1");
  });
});

describe("a variable from a file", () => {
  const pod = {
    spec: {
      containers: [],
      volumes: [
        { name: "v", emptyDir: {} },
        { name: "h", hostPath: { path: "/" } },
      ],
    },
  };
  const facts = { configMaps: [], secrets: [] } as unknown as EnvFacts;
  const read = (ref: object, envFile?: EnvFacts["envFile"]) => {
    const fileKeyRef = { volumeName: "v", path: "d/f", key: "A", ...ref };
    const container = { name: "c", env: [{ name: "X", valueFrom: { fileKeyRef } }] } as Container;
    return containerEnv(pod as Pod, container, { ...facts, ...(envFile ? { envFile } : {}) }).get("X");
  };

  it("is read when the container starts, and empty in a look ahead", () => {
    const asked: string[] = [];
    const envFile = (volume: string, path: string) => {
      asked.push(`${volume}:${path}`);
      return "A='1'";
    };
    expect(read({}, envFile)).toBe("1");
    expect(asked).toEqual(["v:d/f"]);
    expect(read({})).toBe("");
  });

  it("is left out when it is optional and the file or the key is not there", () => {
    expect(read({ optional: true }, () => undefined)).toBeUndefined();
    expect(read({ optional: true, key: "B" }, () => "A='1'")).toBeUndefined();
  });

  type Refused = [ref: object, envFile: () => string | undefined, words: string];
  it.each<Refused>([
    [{}, () => undefined, 'failed to read environment variable file "d/f" of volume "v": it is not there'],
    [
      { key: "B" },
      () => "A='1'",
      'environment variable key "B" not found in environment variable file "d/f"',
    ],
    [{ optional: true }, () => "A=1", "value must be enclosed in single quotes"],
    [{ volumeName: "h" }, () => "", 'fileKeyRef names volume "h", which is no emptyDir of the pod'],
    [{ volumeName: "x" }, () => "", 'fileKeyRef names volume "x", which is no emptyDir of the pod'],
    [{ path: "../x" }, () => "", 'path "../x" must be relative and without ".."'],
    [{ path: "/x" }, () => "", 'path "/x" must be relative and without ".."'],
  ])("%j is refused otherwise", (ref, envFile, words) => {
    expect(() => read(ref, envFile)).toThrow(words);
  });
});
