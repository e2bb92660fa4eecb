import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shareOf, terminationMessage } from "../../../src/pod/status/termination-message.ts";
import { podStatus } from "../../../src/pod/status.ts";
import { podView } from "./views.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tspod-message-"));
  file = join(folder, "termination-log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const message = (code = 1, policy = "File", signal = 0) =>
  terminationMessage(
    { terminationMessagePolicy: policy },
    { code, signal },
    { terminationLog: file, logDirectory: folder, logName: "0.log" },
  );

const line = (text: string, tag = "F", stream = "stdout") =>
  `2026-11-21T13:00:00.123456789Z ${stream} ${tag} ${text}\n`;
const log = (...lines: string[]) => writeFileSync(join(folder, "0.log"), lines.join(""));
const FALLBACK = "FallbackToLogsOnError";

it("of the log joins a character that is parted between two pieces", () => {
  const parted = Buffer.from("漢");
  const raw = [
    line("a", "P").slice(0, -1),
    parted.subarray(0, 2),
    "\n",
    line("", "F").slice(0, -1),
    parted.subarray(2),
  ];
  writeFileSync(join(folder, "0.log"), Buffer.concat([...raw, "\n"].map((one) => Buffer.from(one))));
  expect(message(1, FALLBACK)).toBe("a漢\n");
});

describe("the termination log", () => {
  it("is the message, whatever the exit code", () => {
    writeFileSync(file, "done\n");
    expect(message(0)).toBe("done\n");
    expect(message(1)).toBe("done\n");
  });

  it("is no message when it is empty or not there", () => {
    expect(message()).toBe("");
    writeFileSync(file, "");
    expect(message()).toBe("");
  });

  it("is taken from its end, 4096 bytes of it and no half characters", () => {
    writeFileSync(file, `start${"x".repeat(4095)}!`);
    expect(message()).toBe(`${"x".repeat(4095)}!`);
    writeFileSync(file, `${"€".repeat(2000)}`);
    expect(message()).toBe("€".repeat(1365));
  });

  it("may be as large as it likes", () => {
    writeFileSync(file, "x");
    truncateSync(file, 2 ** 40);
    expect(message()).toBe("\0".repeat(4096));
  });

  it("is not followed where it leads", () => {
    writeFileSync(join(folder, "secret"), "secret");
    symlinkSync(join(folder, "secret"), file);
    expect(message()).toBe(`Error on reading termination log ${file}: it is a symbolic link`);
  });

  it("is not waited for", () => {
    execFileSync("mkfifo", [file]);
    expect(message()).toBe(`Error on reading termination log ${file}: it is not a file any more`);
  });

  it("is no folder", () => {
    mkdirSync(file);
    expect(message()).toContain("Error on reading termination log");
  });
});

describe("the log in its place", () => {
  it("is taken when the manifest says so and the container failed without a message", () => {
    log(line("one"), line("two", "F", "stderr"));
    expect(message(1, FALLBACK)).toBe("one\ntwo\n");
    expect(message(0, FALLBACK, 9)).toBe("one\ntwo\n");
    expect(message(0, FALLBACK)).toBe("");
    expect(message(1, "File")).toBe("");
    writeFileSync(file, "mine");
    expect(message(1, FALLBACK)).toBe("mine");
  });

  it("is nothing when there is none", () => {
    expect(message(1, FALLBACK)).toBe("");
  });

  it("is at most 80 lines", () => {
    log(...Array.from({ length: 100 }, (_, i) => line(String(i))));
    expect(message(1, FALLBACK).split("\n")).toEqual([
      ...Array.from({ length: 80 }, (_, i) => String(i + 20)),
      "",
    ]);
  });

  it("is at most 2048 bytes, the last ones", () => {
    log(line("a".repeat(1500)), line("b".repeat(1500)));
    expect(message(1, FALLBACK)).toBe(`${"a".repeat(546)}\n${"b".repeat(1500)}\n`);
  });

  it("joins the pieces of long lines, also of one that was not ended", () => {
    log(line("be", "P"), line("gun"), line("not en", "P"), line("ded", "P"));
    expect(message(1, FALLBACK)).toBe("begun\nnot ended");
  });

  it("goes back into rotated files, and not through the whole of them", () => {
    writeFileSync(join(folder, "0.log.1"), line("old"));
    log(line("new"));
    expect(message(1, FALLBACK)).toBe("old\nnew\n");
    rmSync(join(folder, "0.log.1"));
    // Cannot be read: must not be.
    mkdirSync(join(folder, "0.log.1"));
    log(...Array.from({ length: 20_000 }, () => line("x")));
    expect(message(1, FALLBACK)).toBe("x\n".repeat(80));
  });

  it("may be made of pieces of one byte", () => {
    log(...Array.from({ length: 5000 }, (_, i) => line(String(i % 10), "P")));
    expect(message(1, FALLBACK)).toHaveLength(2048);
  });
});

describe("the share of a container", () => {
  it("is 12 KiB by their number, in whole characters", () => {
    expect(shareOf("x".repeat(4096), 3)).toHaveLength(4096);
    expect(shareOf("x".repeat(4096), 4)).toHaveLength(3072);
    expect(shareOf("x€", 4096)).toBe("x");
    expect(shareOf("", 0)).toBe("");
  });
});

describe("the status", () => {
  it("shows the message of the last attempt, or of the one before, as far as its share goes", () => {
    const view = podView({ app: { a: [{ code: 1 }, "running"], b: [{ code: 0 }], c: [], d: [] } });
    const [a, b] = view.containers;
    Object.assign(a?.attempts[0] ?? {}, { message: "before" });
    Object.assign(b?.attempts[0] ?? {}, { message: "x".repeat(4096) });
    const [first, second, third] = podStatus(view).containerStatuses ?? [];
    expect(first?.lastState?.terminated?.message).toBe("before");
    expect(second?.state?.terminated?.message).toBe("x".repeat(3072));
    expect(third?.state?.terminated?.message).toBeUndefined();
  });
});
