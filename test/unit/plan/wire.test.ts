import { expect, test } from "vitest";
import { TspodError } from "../../../src/errors/tspod-error.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";
import { encodePlan, WIRE_LIMITS } from "../../../src/plan/wire.ts";

function encode(ops: ContainerOp[], trace = false): Buffer {
  return Buffer.from(encodePlan(ops, { trace }));
}

function refusal(ops: ContainerOp[]): TspodError {
  try {
    encode(ops);
  } catch (error) {
    if (error instanceof TspodError) return error;
    throw error;
  }
  throw new Error("the plan was accepted");
}

test("a plan is a header and texts that can be read in an strace", () => {
  const plan = encode([{ op: "fs", fstype: "proc", target: "/proc", attrs: 14, options: [] }]);
  expect(plan.subarray(0, 4).toString()).toBe("TSPD");
  expect(plan.readUInt16LE(4)).toBe(1);
  expect(plan.readUInt16LE(6)).toBe(0);
  expect(plan.readUInt32LE(8)).toBe(1);
  expect(plan.readUInt32LE(12)).toBe(plan.length - 16);
  expect(plan.subarray(16).toString()).toBe("fs\0proc\0/proc\x0014\x000\0");
});

test("trace is the first flag", () => {
  expect(encode([{ op: "pause" }], true).readUInt16LE(6)).toBe(1);
});

test("lists, booleans, masks, descriptors and choices", () => {
  const text = (op: ContainerOp) => encode([op]).subarray(16).toString();
  expect(text({ op: "execve", candidates: ["/a"], argv: ["a", ""], env: [] })).toBe(
    "execve\x001\0/a\x002\0a\0\x000\0",
  );
  expect(text({ op: "console", sockFd: -1, bind: true, rows: 24, columns: 80 })).toBe(
    "console\0-1\x001\x0024\x0080\0",
  );
  expect(text({ op: "caps-bound", mask: 0xffff_ffff_ffff_ffffn })).toBe(
    "caps-bound\x0018446744073709551615\0",
  );
  expect(text({ op: "user", uid: 0, gid: 5, groups: [1, 2] })).toBe("user\x000\x005\x002\x001\x002\0");
  expect(text({ op: "sethostname", name: "größe" })).toBe("sethostname\0größe\0");
});

test("a NUL in any text is refused by name, also inside a list", () => {
  expect(refusal([{ op: "gate" }, { op: "sethostname", name: "a\0b" }])).toMatchObject({
    code: "TS5111",
    message: expect.stringMatching(/^step 1, sethostname: .*"a\\u0000b"/),
  });
  expect(refusal([{ op: "execve", candidates: ["/a"], argv: ["a"], env: ["X=\0"] }]).code).toBe("TS5111");
});

test("limits are refused with the count", () => {
  const groups = Array.from({ length: WIRE_LIMITS.numbers + 1 }, () => 1);
  expect(refusal([{ op: "user", uid: 1, gid: 1, groups }, { op: "pause" }])).toMatchObject({
    code: "TS5112",
    message: expect.stringContaining("4097 entries in a list (step 0, user)"),
  });
  const many = Array.from({ length: WIRE_LIMITS.texts + 1 }, () => "");
  expect(refusal([{ op: "execve", candidates: [], argv: many, env: [] }]).message).toContain(
    "1048577 entries in a list (step 0, execve)",
  );
  expect(refusal(Array.from({ length: WIRE_LIMITS.records + 1 }, () => ({ op: "gate" }))).message).toContain(
    "4097 operations",
  );
  expect(refusal([{ op: "write", path: "/x", data: "y".repeat(WIRE_LIMITS.bytes) }]).message).toMatch(
    /83886\d\d bytes/,
  );
  expect(encode([{ op: "execve", candidates: [], argv: many.slice(1), env: [] }]).length).toBeGreaterThan(
    8192,
  );
});

test.each([1.5, Number.NaN, -2, Number.MAX_SAFE_INTEGER + 1, Number.POSITIVE_INFINITY])(
  "the number %d is refused",
  (mask) => {
    expect(refusal([{ op: "umask", mask }]).code).toBe("TS5113");
  },
);
