import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLogFile } from "../../../../src/runtime/logs/files.ts";
import {
  LOG_BYTES,
  LogFollower,
  type LogLine,
  mergeLogs,
  readLog,
} from "../../../../src/runtime/logs/index.ts";
import { tailOffset } from "../../../../src/runtime/logs/tail.ts";
import { LogFolder } from "./folder.ts";

let folder: LogFolder;
beforeEach(() => {
  folder = new LogFolder();
});
afterEach(() => folder.remove());

const texts = (options = {}) => [...readLog(folder.source, options)].map(({ text }) => text);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

describe("reading a log", () => {
  it("gives nothing where there is none", () => {
    expect(texts()).toEqual([]);
    expect(texts({ tail: 3 })).toEqual([]);
  });

  it("joins rotated files, oldest first", () => {
    folder.write("1");
    folder.rotate();
    folder.write("2");
    folder.rotate();
    folder.write("3");
    expect(texts()).toEqual(["1", "2", "3"]);
    expect(texts({ tail: 2 })).toEqual(["2", "3"]);
  });

  it.each([
    ["a link", (folder: LogFolder) => symlinkSync(folder.other, folder.path)],
    ["a pipe that nobody writes to", ({ path }: LogFolder) => void execFileSync("mkfifo", [path])],
  ])("passes over %s, which who can write to the folder has put there", (_, put) => {
    // The file that the link means has lines of a log, too.
    writeFileSync(folder.other, folder.line("of the host"));
    folder.write("1");
    folder.rotate({ half: true });
    put(folder);
    expect(texts()).toEqual(["1"]);
    expect(texts({ tail: 5 })).toEqual(["1"]);
    expect(openLogFile(folder.path)).toBeUndefined();
    const follower = new LogFollower(folder.source);
    expect(follower.poll().map(({ text }) => text)).toEqual(["1"]);
    follower.finish();
  });

  it("is not confused by a rotation while it reads: every line is given once", () => {
    for (const text of ["1", "2", "3"]) {
      folder.write(text);
      folder.rotate();
    }
    folder.write("4");
    const lines = readLog(folder.source);
    const read = [lines.next().value?.text];
    folder.rotate({ keep: 3 });
    folder.rotate({ keep: 3 });
    for (const { text } of lines) read.push(text);
    expect(read).toEqual(["1", "2", "3", "4"]);
  });

  it("joins partial lines, also across a rotation", () => {
    folder.write("a…", "b…");
    folder.rotate();
    folder.write("c", "d");
    expect(texts()).toEqual(["abc", "d"]);
    expect(texts({ tail: 2 })).toEqual(["abc", "d"]);
    expect(texts({ tail: 1 })).toEqual(["d"]);
  });

  it("keeps more than ten rotated files in order", () => {
    for (let number = 1; number <= 12; number++) {
      folder.write(`line ${number}`);
      folder.rotate({ keep: 20 });
    }
    expect(texts()).toEqual(numbers(1, 12));
  });

  it.each([1, 2, 7, 5000, 5001])("gives the last %d lines of 5000 long ones", (tail) => {
    const all = numbers(1, 5000).map((text) => text.padEnd(100, "."));
    folder.write(...all);
    expect(texts({ tail })).toEqual(all.slice(-tail));
  });

  it("counts whole lines when it gives the last ones, however many pieces they have", () => {
    folder.write("first", ...Array.from({ length: 500 }, () => "x…"), "end", "last");
    expect(texts({ tail: 2 })).toEqual([`${"x".repeat(500)}end`, "last"]);
    expect(texts({ tail: 3 })).toEqual(["first", `${"x".repeat(500)}end`, "last"]);
  });

  it("passes over what is torn and shows what was begun", () => {
    folder.write("1");
    folder.append("garbage\n");
    folder.write("2…");
    folder.append("2026-01-01T00:0");
    expect(texts()).toEqual(["1", "2"]);
  });

  it("leaves out what is older than asked for", () => {
    folder.append("2026-01-01T00:00:01.5Z stdout F old\n2026-01-01T00:00:02.5Z stdout F new\n");
    expect(texts({ since: new Date("2026-01-01T00:00:02Z") })).toEqual(["new"]);
    expect(texts({ since: new Date("2026-01-01T00:00:02Z"), tail: 2 })).toEqual(["new"]);
  });

  it("survives characters that a chunk cuts in two", () => {
    const long = "é".repeat(100_000);
    folder.write(long, "end");
    const [first, ...more] = texts();
    expect(Buffer.from(first ?? "", LOG_BYTES).toString("utf8")).toBe(long);
    expect(more).toEqual(["end"]);
  });
});

describe("bytes of a log", () => {
  /** 漢, parted by the length of a piece, and bytes that are no UTF-8. */
  const pieces = [Buffer.from("a\xe6\xbc", "latin1"), Buffer.from("\xa2 \xff\xe9", "latin1")];
  const head = (tag: string) => Buffer.from(`2026-01-01T00:00:00.1Z stdout ${tag} `);
  const raw = Buffer.concat([
    head("P"),
    pieces[0]!,
    Buffer.from("\n"),
    head("F"),
    pieces[1]!,
    Buffer.from("\n"),
  ]);
  const bytes = (lines: Iterable<LogLine>) => [...lines].map(({ text }) => Buffer.from(text, LOG_BYTES));

  it.each([{}, { tail: 1 }])("are those that were written, with %j", (options) => {
    folder.append(raw);
    expect(bytes(readLog(folder.source, options))).toEqual([Buffer.concat(pieces)]);
  });

  it("are those that were written, in a log that is followed as it grows byte by byte", () => {
    const follower = new LogFollower(folder.source);
    const lines = [...raw].flatMap((byte) => {
      folder.append(Uint8Array.of(byte));
      return follower.poll();
    });
    follower.finish();
    expect(bytes(lines)).toEqual([Buffer.concat(pieces)]);
  });
});

describe("the place of the last lines", () => {
  it.each([
    [0, 6, 0],
    [1, 4, 1],
    [2, 2, 2],
    [3, 0, 3],
    [4, 0, 3],
  ])("of %d is at %d, with %d lines from there", (lines, offset, found) => {
    folder.append("a\nb\nc\n");
    expect(tailOffset(folder.path, lines)).toEqual({ offset, found });
  });

  it("counts a last line that has no newline, and none in an empty file", () => {
    folder.append("");
    expect(tailOffset(folder.path, 1)).toEqual({ offset: 0, found: 0 });
    folder.append("a\nb");
    expect(tailOffset(folder.path, 1)).toEqual({ offset: 2, found: 1 });
  });
});

describe("merging logs", () => {
  it("goes by time, and by the given order where times are equal", () => {
    const line = (time: string, text: string) => ({ time, text, stream: "stdout" as const, partial: false });
    const merged = mergeLogs([
      { name: "a", lines: [line("1", "a1"), line("3", "a3"), line("4", "a4")] },
      { name: "b", lines: [line("2", "b2"), line("3", "b3")] },
      { name: "c", lines: [] },
    ]);
    expect([...merged].map(({ name, line: { text } }) => `${name}:${text}`)).toEqual([
      "a:a1",
      "b:b2",
      "a:a3",
      "b:b3",
      "a:a4",
    ]);
  });
});
