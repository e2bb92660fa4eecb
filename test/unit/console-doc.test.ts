import { describe, expect, it } from "vitest";
import { documentedCommands, outputPattern } from "../support/console-doc.ts";

describe("documentedCommands", () => {
  it("finds commands with what they print, in console blocks only", () => {
    const markdown = [
      "```sh",
      "$ no",
      "```",
      "text",
      "```console",
      "$ one \\",
      "  two",
      "out 1",
      "",
      "$ three",
      "```",
    ];
    expect(documentedCommands(markdown.join("\n"))).toEqual([
      { line: 6, command: "one \\\n  two", expected: ["out 1", ""] },
      { line: 10, command: "three", expected: [] },
    ]);
  });
});

describe("outputPattern", () => {
  const matches = (expected: string[], actual: string) => outputPattern(expected).test(actual);

  it("takes pids, ages, addresses, uids and inodes as examples", () => {
    expect(matches(["hello  2/2  Running  0  3s"], "hello   2/2   Running   0     1m4s\n")).toBe(true);
    expect(matches(["pid 1234 at 10.77.0.2"], "pid 99 at 10.77.3.14\n")).toBe(true);
    expect(matches(["net:[4026531840]"], "net:[4026532177]\n")).toBe(true);
    expect(
      matches(["uid 123e4567-e89b-12d3-a456-426614174000"], "uid 00000000-0000-4000-8000-000000000000\n"),
    ).toBe(true);
  });

  it("takes everything else as it stands", () => {
    expect(matches(["hello  2/2  Running"], "hello  1/2  Running\n")).toBe(false);
    expect(matches(["exit code 137"], "exit code 139\n")).toBe(false);
    expect(matches(["0.0.0.0:18080->80/tcp"], "0.0.0.0:18081->80/tcp\n")).toBe(false);
    expect(matches(["one"], "one\ntwo\n")).toBe(false);
    expect(matches(["one", "two"], "one\n")).toBe(false);
    expect(matches([], "something\n")).toBe(false);
  });

  it("lets … stand for any text, and a line of it for any lines", () => {
    expect(matches(["a … b"], "a and so on b\n")).toBe(true);
    expect(matches(["first", "…", "last"], "first\n1\n2\nlast\n")).toBe(true);
    expect(matches(["first", "…"], "first\n1\n2\n")).toBe(true);
    expect(matches(["first", "…", "last"], "1\nlast\n")).toBe(false);
  });
});
