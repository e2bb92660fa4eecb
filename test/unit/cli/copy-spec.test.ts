import { describe, expect, it } from "vitest";
import { copyEnds, fileSpec, splitRemote } from "../../../src/cli/copy/spec.ts";
import { headerOf } from "../../../src/cli/copy/tar-blocks.ts";

describe("a file spec", () => {
  it.each([
    ["web:/etc/hosts", { kind: "pod", pod: "web", path: "/etc/hosts" }],
    ["web:log", { kind: "pod", pod: "web", path: "log" }],
    ["prod/web:/a:b", { kind: "pod", namespace: "prod", pod: "web", path: "/a:b" }],
    ["./a:b", { kind: "local", path: "./a:b" }],
    ["/tmp/a:b", { kind: "local", path: "/tmp/a:b" }],
    ["plain", { kind: "local", path: "plain" }],
    ["-", { kind: "stream" }],
  ])("%s", (text, spec) => expect(fileSpec(text)).toEqual(spec));

  it.each([":/x", "a/b/c:/x", "a/:/x", "web:", ""])("%j is refused", (text) => {
    expect(() => fileSpec(text)).toThrow(/filespec must match|filepath can not be empty/);
  });

  it("is of a pod on exactly one side", () => {
    expect(() => copyEnds("a:/x", "b:/y")).toThrow("one of src or dest must be a local file specification");
    expect(() => copyEnds("x", "-")).toThrow("one of src or dest must be a remote file specification");
  });
});

it.each([
  ["/etc/hosts", "/etc", "hosts"],
  ["/etc//nginx/./", "/etc", "nginx"],
  ["/etc", "/", "etc"],
  ["/", "/", "."],
  ["log", ".", "log"],
  ["a/b", "a", "b"],
  [".", ".", "."],
  // What ".." means behind a symlink only the container can tell.
  ["/a/..", "/a/..", "."],
  ["/a/../b", "/a/..", "b"],
])("a container's path %s is %s of folder %s", (path, folder, name) => {
  expect(splitRemote(path)).toEqual({ folder, name });
});

it("a name of 100 bytes or more stands before its header, as GNU's tar has it", () => {
  const member = { type: "File" as const, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: new Date(0) };
  expect(headerOf({ ...member, path: "n".repeat(99) })).toHaveLength(512);
  const long = headerOf({ ...member, path: "é".repeat(60) });
  expect(long.toString("latin1", 156, 157)).toBe("L");
  expect(long.subarray(512, 512 + 121).toString()).toBe(`${"é".repeat(60)}\0`);
  expect(long).toHaveLength(3 * 512);
});
