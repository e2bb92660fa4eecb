import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CALL_NAMES } from "../../src/kernel/events.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { parseOps } from "../../src/plan/op-json.ts";
import { encodePlan } from "../../src/plan/wire.ts";
import { anyPlan } from "./any-plan.ts";
import { testProgram } from "./harness.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const NATIVE = join(import.meta.dirname, "../../native");
const names = readdirSync(GOLDEN)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5));

/** What the C decoder makes of a plan (native/test/plan_print.c). */
function decodeInC(plan: Uint8Array): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(testProgram("plan-print"), { input: plan });
  if (stderr.length > 0) throw new Error(stderr.toString());
  return { status, text: stdout.toString() };
}

/** The same print, from the op itself, field by field in the order of its properties. */
function printed(ops: readonly ContainerOp[], trace: boolean): string {
  const hex = (text: string | number) => `'${Buffer.from(String(text)).toString("hex")}`;
  const field = (value: unknown, key: string): string => {
    if (Array.isArray(value)) return [value.length, ...value.map(hex)].join(" ");
    if (key === "stdio") return String(["pipes", "tty", "inherit"].indexOf(String(value)));
    if (typeof value === "boolean") return value ? "1" : "0";
    return typeof value === "string" ? hex(value) : String(value);
  };
  const lines = ops.map(({ op, ...fields }) =>
    [op, ...Object.entries(fields).map(([key, value]) => field(value, key))].join(" "),
  );
  return [`FLAGS ${trace ? 1 : 0}`, ...lines, ""].join("\n");
}

test.each(names)("golden vector %s: TypeScript writes these bytes, and C reads them", (name) => {
  const ops = parseOps(readFileSync(join(GOLDEN, `${name}.json`), "utf8"));
  const encoded = Buffer.from(encodePlan(ops, { trace: false }));
  const file = join(GOLDEN, `${name}.bin`);
  if (!existsSync(file) && process.env.UPDATE_GOLDEN) writeFileSync(file, encoded);
  expect(encoded.equals(readFileSync(file))).toBe(true);
  expect(decodeInC(encoded)).toEqual({ status: 0, text: printed(ops, false) });
});

test("the golden vectors contain every op", () => {
  const seen = new Set(
    names.flatMap((name) => parseOps(readFileSync(join(GOLDEN, `${name}.json`), "utf8")).map(({ op }) => op)),
  );
  const known = [
    ...readFileSync(join(NATIVE, "include/tspod_ops.h"), "utf8").matchAll(/^\s+X\(\w+, \w+, "([a-z-]+)",/gm),
  ].map((match) => match[1]);
  expect(known).toHaveLength(48);
  expect([...seen].sort()).toEqual(known.sort());
});

test("any plan survives the way to C", () => {
  fc.assert(
    fc.property(anyPlan(), fc.boolean(), (ops, trace) => {
      expect(decodeInC(encodePlan(ops, { trace }))).toEqual({ status: 0, text: printed(ops, trace) });
    }),
    { numRuns: 150 },
  );
});

test("C refuses what TypeScript would never write", () => {
  const pause: ContainerOp[] = [{ op: "pause" }];
  const plan = (ops: ContainerOp[]) => Buffer.from(encodePlan(ops, { trace: false }));
  const patched = (change: (bytes: Buffer) => void) => {
    const bytes = plan(pause);
    change(bytes);
    return bytes;
  };
  const clone: ContainerOp = { op: "clone", flags: 0, cgroupFd: -1, stdio: "pipes" };
  const execve: ContainerOp = { op: "execve", candidates: [], argv: [], env: [] };
  const bad: Record<string, Uint8Array> = {
    empty: Buffer.alloc(0),
    "a short header": plan(pause).subarray(0, 15),
    "another magic": patched((bytes) => bytes.write("TSPX")),
    "another version": patched((bytes) => bytes.writeUInt16LE(2, 4)),
    "too many records": patched((bytes) => bytes.writeUInt32LE(2, 8)),
    "too few records": patched((bytes) => bytes.writeUInt32LE(0, 8)),
    "a length that lies": patched((bytes) => bytes.writeUInt32LE(7, 12)),
    "no terminator": patched((bytes) => bytes.writeUInt8(65, bytes.length - 1)),
    "no last op": plan([{ op: "gate" }]),
    "nothing at all": plan([]),
    "an op after the last": plan([{ op: "pause" }, { op: "gate" }]),
    "pause after clone": plan([clone, { op: "pause" }]),
    "two clones": plan([clone, clone, execve]),
    "an unknown op": Buffer.from(
      plan([{ op: "gate" }, ...pause])
        .toString("latin1")
        .replace("gate", "gaze"),
      "latin1",
    ),
    "a number with a leading zero": Buffer.from(
      plan([{ op: "umask", mask: 12 }, ...pause])
        .toString("latin1")
        .replace("umask\x0012", "umask\x0002"),
      "latin1",
    ),
    "a boolean that is 2": Buffer.from(
      plan([{ op: "console", sockFd: -1, bind: true, rows: 0, columns: 0 }, ...pause])
        .toString("latin1")
        .replace("-1\x001\0", "-1\x002\0"),
      "latin1",
    ),
    "an unknown choice": Buffer.from(
      plan([clone, execve]).toString("latin1").replace("pipes", "paper"),
      "latin1",
    ),
    "a list longer than the plan": Buffer.from(
      plan([{ ...execve, candidates: ["a"] }])
        .toString("latin1")
        .replace("execve\x001", "execve\x009"),
      "latin1",
    ),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const { status, text } = decodeInC(bytes);
    expect({ what, status }).toEqual({ what, status: 1 });
    expect(text).toMatch(/^EBADMSG/);
  }
});

test("mutated plans never make the decoder read astray (ASan, UBSan)", () => {
  const seeds = readdirSync(GOLDEN).filter((name) => name.endsWith(".bin"));
  const run = spawnSync(testProgram("plan-fuzz"), ["3", ...seeds.map((name) => join(GOLDEN, name))], {
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  const [, runs = "0", accepted = "0"] = /(\d+) plans, (\d+) accepted/.exec(run.stdout) ?? [];
  expect(Number(runs)).toBeGreaterThan(1000);
  // Mutations that get past the header and the checks: otherwise little would have been tried.
  expect(Number(accepted)).toBeGreaterThan(0);
});

test("both sides number the system calls alike", () => {
  const header = readFileSync(join(NATIVE, "include/tspod_calls.h"), "utf8");
  const inC = Object.fromEntries(
    [...header.matchAll(/^\s+X\((\d+), (\w+)\)/gm)].map(([, number, name]) => [number, name]),
  );
  expect(CALL_NAMES).toEqual(inC);
});
