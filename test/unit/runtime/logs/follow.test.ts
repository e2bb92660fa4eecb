import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogFollower } from "../../../../src/runtime/logs/index.ts";
import { LogFolder } from "./folder.ts";

let folder: LogFolder;
let follower: LogFollower;
beforeEach(() => {
  folder = new LogFolder();
  follower = new LogFollower(folder.source);
});
afterEach(() => {
  follower.finish();
  folder.remove();
});

const poll = () => follower.poll().map(({ text }) => text);
const finish = () => follower.finish().map(({ text }) => text);

describe("following a log", () => {
  it("gives what is new, from a log that is not there yet to its end", () => {
    expect(poll()).toEqual([]);
    folder.write("1");
    expect(poll()).toEqual(["1"]);
    expect(poll()).toEqual([]);
    folder.write("2", "3");
    expect(finish()).toEqual(["2", "3"]);
  });

  it("waits for the rest of a line that is being written", () => {
    const line = folder.line("whole");
    folder.append(line.slice(0, 40));
    expect(poll()).toEqual([]);
    folder.append(line.slice(40));
    expect(poll()).toEqual(["whole"]);
  });

  it("goes on in the next file after a rotation, with what was written before it", () => {
    folder.write("1");
    poll();
    folder.write("2");
    folder.rotate();
    folder.write("3");
    expect(poll()).toEqual(["2", "3"]);
  });

  it("finds its place when the log was rotated more than once", () => {
    folder.write("1");
    poll();
    folder.write("2");
    folder.rotate();
    folder.write("3");
    folder.rotate();
    folder.write("4");
    expect(poll()).toEqual(["2", "3", "4"]);
  });

  it("goes on with the oldest file when its own has been removed", () => {
    folder.write("1");
    poll();
    folder.rotate({ keep: 2 });
    folder.write("2");
    folder.rotate({ keep: 2 });
    folder.write("3");
    folder.rotate({ keep: 2 });
    folder.write("4");
    expect(poll()).toEqual(["2", "3", "4"]);
  });

  it("is not confused by a rotation that is half done", () => {
    folder.write("1");
    poll();
    folder.rotate({ half: true });
    expect(poll()).toEqual([]);
    folder.write("2");
    expect(poll()).toEqual(["2"]);
  });

  it("passes over the past when asked to", () => {
    folder.write("1");
    follower.skipToEnd();
    folder.write("2");
    expect(poll()).toEqual(["2"]);
  });

  it("shows an unfinished line at the end, once", () => {
    folder.write("a…");
    expect(poll()).toEqual([]);
    expect(finish()).toEqual(["a"]);
    expect(finish()).toEqual([]);
  });

  it("keeps no file open when it is done", () => {
    const open = () => readdirSync("/proc/self/fd").length;
    folder.write("1");
    const before = open();
    const other = new LogFollower(folder.source);
    other.poll();
    other.finish();
    expect(open()).toBe(before);
  });
});
