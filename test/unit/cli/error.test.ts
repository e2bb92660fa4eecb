import { describe, expect, it } from "vitest";
import { renderError } from "../../../src/cli/render/error.ts";
import { renderProblem } from "../../../src/cli/render/problem.ts";
import { painted, plain } from "../../../src/cli/render/style.ts";
import { TspodError } from "../../../src/errors/tspod-error.ts";

describe("an error", () => {
  it("shows code, sentence, position, step, failed call and way out, and gives its exit code", () => {
    const error = new TspodError({
      code: "TS5002",
      message: "the file system refused",
      position: { file: "pod.yaml", line: 8, column: 5, field: "spec.volumes[0]" },
      step: "container web: step 6, mount proc on /proc",
      errno: "EPERM",
      syscall: "fsmount",
      path: "/proc",
      hint: "first\nsecond",
      exitCode: 3,
    });
    expect(renderError(error, plain, false)).toEqual({
      exitCode: 3,
      text: [
        "error[TS5002]: the file system refused",
        "  --> pod.yaml:8:5  (spec.volumes[0])",
        "  at container web: step 6, mount proc on /proc",
        "  fsmount on /proc: EPERM",
        "  help: first",
        "        second",
        "",
      ].join("\n"),
    });
  });

  it("names no line where none is known", () => {
    const position = { file: "pod.yaml", line: 0, column: 0, field: "spec.volumes[0]" };
    const { text } = renderError(new TspodError({ code: "TS5002", message: "no", position }), plain, false);
    expect(text).toBe("error[TS5002]: no\n  --> pod.yaml  (spec.volumes[0])\n");
  });

  it("does not repeat what its sentence says", () => {
    const error = new TspodError({
      code: "TS5001",
      message: "step 3, link up: EPERM",
      step: "step 3, link up",
      errno: "EPERM",
    });
    expect(renderError(error, plain, false).text).toBe("error[TS5001]: step 3, link up: EPERM\n");
  });

  it("shows what could not be cleaned up beside it", () => {
    const error = new TspodError({ code: "TS5001", message: "first" });
    error.cleanup.push(new Error("second"));
    expect(renderError(error, plain, false).text).toBe(
      "error[TS5001]: first\n  also: cleaning up failed: second\n  help: tspod gc removes what is left\n",
    );
  });

  it("that nobody expected is a bug, with 125 and, when asked for, a short trace", () => {
    const { text, exitCode } = renderError(new TypeError("x is undefined"), plain, false);
    expect(exitCode).toBe(125);
    expect(text).toContain("internal error: x is undefined");
    expect(text).not.toContain("    at ");
    const trace = renderError(new TypeError("x"), plain, true).text.match(/ {4}at /g) ?? [];
    expect(trace.length).toBeGreaterThan(0);
    expect(trace.length).toBeLessThanOrEqual(8);
  });

  it("may be no Error at all", () => {
    expect(renderError("text", plain, false)).toMatchObject({
      exitCode: 125,
      text: expect.stringContaining("text"),
    });
  });

  it("is red where colours are on", () => {
    const { text } = renderError(new TspodError({ code: "TS5001", message: "m" }), painted, false);
    expect(text).toContain("\u001b[31merror[TS5001]\u001b[39m");
  });
});

describe("a problem of a manifest", () => {
  it("shows where it is, with a caret under it", () => {
    const text = renderProblem(
      {
        severity: "error",
        code: "TS2001",
        position: { file: "bad.yaml", line: 8, column: 7 },
        path: "spec.containers[0].comand",
        message: 'spec.containers[0]: unknown field "comand"',
        help: "command",
        excerpt: {
          lines: [
            { number: 7, text: "    - name: a" },
            { number: 8, text: "      comand: x" },
          ],
          line: 8,
          column: 7,
          length: 6,
          note: 'did you mean "command"?',
        },
      },
      plain,
    );
    expect(text).toBe(
      [
        'error[TS2001]: spec.containers[0]: unknown field "comand"',
        "  --> bad.yaml:8:7",
        "   7 |     - name: a",
        "   8 |       comand: x",
        '     |       ^^^^^^ did you mean "command"?',
        "  help: command",
        "",
      ].join("\n"),
    );
  });

  it("names the field where the message does not", () => {
    const problem = {
      severity: "warning",
      code: "TS3001",
      position: { file: "a", line: 1, column: 1 },
    } as const;
    expect(renderProblem({ ...problem, path: "spec.x", message: "Required value" }, plain)).toMatch(
      /^warning\[TS3001\]: spec\.x: Required value\n/,
    );
    expect(renderProblem({ ...problem, path: "", message: "bad YAML" }, plain)).toMatch(
      /^warning\[TS3001\]: bad YAML\n/,
    );
  });
});
