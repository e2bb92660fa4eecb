import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineJoiner, type LogLine, parseLogLine } from "../../../../src/runtime/logs/line.ts";

const TIME = "2026-11-21T13:00:00.123456789Z";

describe("a line of a log", () => {
  it("has time, stream, completeness and text", () => {
    expect(parseLogLine(`${TIME} stderr F a  b `)).toEqual({
      time: TIME,
      stream: "stderr",
      text: "a  b ",
      partial: false,
    });
    expect(parseLogLine(`${TIME} stdout P x`)?.partial).toBe(true);
  });

  it("may be empty, with or without the last blank, and may carry more tags", () => {
    expect(parseLogLine(`${TIME} stdout F `)?.text).toBe("");
    expect(parseLogLine(`${TIME} stdout F`)?.text).toBe("");
    expect(parseLogLine(`${TIME} stdout P:more x`)).toMatchObject({ partial: true, text: "x" });
  });

  it.each(["", "x", `${TIME} stdout`, `${TIME} stdin F x`, `${TIME} stdout X x`])("is none: %j", (text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });

  it("gives back any text", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes("\n")),
        (text) => {
          expect(parseLogLine(`${TIME} stdout F ${text}`)?.text).toBe(text);
        },
      ),
    );
  });
});

describe("partial lines", () => {
  const piece = (stream: LogLine["stream"], text: string, partial: boolean, time = TIME): LogLine => ({
    time,
    stream,
    text,
    partial,
  });

  it("are joined, each stream by itself, with the time of the first piece", () => {
    const joiner = new LineJoiner();
    expect(joiner.push(piece("stdout", "a", true, "1"))).toBeUndefined();
    expect(joiner.push(piece("stderr", "x", false, "2"))).toMatchObject({ text: "x", time: "2" });
    expect(joiner.push(piece("stdout", "b", true, "3"))).toBeUndefined();
    expect(joiner.push(piece("stdout", "c", false, "4"))).toMatchObject({
      text: "abc",
      time: "1",
      partial: false,
    });
    expect(joiner.push(piece("stdout", "d", false, "5"))).toMatchObject({ text: "d" });
  });

  it("that nobody will end are not lost", () => {
    const joiner = new LineJoiner();
    joiner.push(piece("stderr", "late", true, "2"));
    joiner.push(piece("stdout", "early", true, "1"));
    expect(joiner.rest().map(({ text }) => text)).toEqual(["early", "late"]);
    expect(joiner.rest()).toEqual([]);
  });
});
