import { describe, expect, it } from "vitest";
import { fieldState } from "../../../src/manifest/field-state.ts";
import { TABLE } from "../../../src/manifest/gen/table.ts";
import { KINDS } from "../../../src/manifest/kinds.ts";
import { NOT_YET } from "../../../src/manifest/not-yet.ts";
import { PRIORITIES } from "../../../src/manifest/priority.ts";
import { type Field, fieldsOf } from "../../../src/manifest/schema.ts";
import { parse } from "./support.ts";

/** A way from a kind to a field: `Pod`, `spec`, `containers[0]`, … */
interface Place {
  kind: string;
  steps: Field[];
}

/** Every field that a manifest can have, each by all ways of its type that are short enough. */
function places(): Map<string, Place[]> {
  const found = new Map<string, Place[]>();
  const queue = Object.keys(KINDS)
    .filter((kind) => KINDS[kind]?.state === "read" && TABLE[kind] !== undefined)
    .map((kind) => ({ kind, type: kind, steps: [] as Field[] }));
  for (const { kind, type, steps } of queue)
    for (const field of fieldsOf(type).values()) {
      const key = `${type}.${field.name}`;
      const ways = found.get(key) ?? [];
      const way = { kind, steps: [...steps, field] };
      if (ways.length < 3) found.set(key, [...ways, way]);
      if (field.type !== undefined && steps.length < 9 && ways.length < 3)
        queue.push({ kind, type: field.type, steps: way.steps });
    }
  return found;
}

const SCALARS = { s: "x", b: true, i: 1, l: 1, q: "1", p: 80, t: "2026-01-02T03:04:05Z", y: "eA==", x: "x" };

/** Some value of a field, with what its type requires. */
function sample(field: Field): unknown {
  const one = field.type === undefined ? SCALARS[field.scalar ?? "s"] : required(field.type);
  return field.shape === "list" ? [one] : field.shape === "map" ? { a: one } : one;
}

const required = (type: string): Record<string, unknown> =>
  Object.fromEntries(
    [...fieldsOf(type).values()]
      .filter((field) => field.required)
      .map((field) => [field.name, sample(field)]),
  );

/** An object with the value at that place, and its path there. */
function manifest({ kind, steps }: Place, value: unknown): { text: string; path: string } {
  const path = steps.map(({ name, shape }) => name + (shape === "list" ? "[0]" : "")).join(".");
  const place = steps.toReversed().reduce((below: unknown, { name, shape }, i) => {
    const inner = i === 0 ? value : shape === "list" ? [below] : shape === "map" ? { a: below } : below;
    const type = steps[steps.length - 2 - i]?.type;
    return { ...(type === undefined ? {} : required(type)), [name]: inner };
  }, undefined) as Record<string, object>;
  const metadata = { name: "x", ...place.metadata };
  const object = { apiVersion: KINDS[kind]?.versions[0], kind, ...place, metadata };
  const leaf = steps.at(-1)?.shape === "list" ? path.slice(0, -3) : path;
  return { text: JSON.stringify(object), path: leaf };
}

const one = { restartPolicy: "Never", containers: [{ name: "a", image: "busybox" }] };

/** Values of which one is not the usual one, whatever that is. */
const VALUES = [
  "x",
  7,
  true,
  false,
  "Always",
  "Bidirectional",
  "Localhost",
  "HugePages",
  { type: "Localhost" },
];

/** A manifest whose field asks for what its state speaks of. */
function asking(key: string, ways: Place[]): { text: string; path: string } {
  for (const way of ways) {
    const field = way.steps.at(-1) as Field;
    for (const value of [sample(field), ...VALUES]) {
      const { text, path } = manifest(way, value);
      const notYet = NOT_YET[key];
      if (notYet?.asks?.(value, path) === false) continue;
      if (notYet === undefined && PRIORITIES[key]?.quiet?.(value)) continue;
      return { text, path };
    }
  }
  throw new Error(`no value of ${key} is an unusual one`);
}

const byState = (kind: string) =>
  [...places()].filter(([key]) => {
    const [type = "", name = ""] = key.split(".");
    return fieldState(type, name).kind === kind;
  });

/** What is said of the field, as `severity code rest`. */
function said(key: string, ways: Place[]): string[] {
  const { text, path } = asking(key, ways);
  const { problems, warnings } = parse(text);
  return [...problems, ...warnings]
    .filter((problem) => problem.path === path && /^TS200[678]$/.test(problem.code))
    .map(({ severity, code, message, help }) =>
      [severity, code, message.slice(path.length + 2), help].join(" "),
    );
}

it("every kind that is not read is named, with the reason", () => {
  const others = Object.entries(KINDS).filter(([, { state }]) => state !== "read");
  expect(others.length).toBeGreaterThan(20);
  for (const [kind, { state, versions, reason }] of others) {
    const text = `apiVersion: ${versions[0]}\nkind: ${kind}\nmetadata: {name: x}\n`;
    const { problems, warnings } = parse(text);
    const found = [...problems, ...warnings].map(({ severity, code, message }) => [severity, code, message]);
    const expected =
      state === "noted"
        ? ["warning", "TS2008", `kind: ${kind} is ignored: ${reason}`]
        : ["error", "TS2006", `kind: ${kind} cannot be used with tspod: ${reason}`];
    expect(found, kind).toEqual([expected]);
  }
});

describe("every field", () => {
  it("that is ignored on a single node gets one line", () => {
    const fields = byState("ignored");
    expect(fields.length).toBeGreaterThan(15);
    for (const [key, ways] of fields) {
      const { reason } = PRIORITIES[key] ?? {};
      expect(said(key, ways), key).toEqual([`warning TS2008 ignored on a single node: ${reason} `]);
    }
  });

  it("that is refused is named with a reason and a way out", () => {
    const fields = byState("refused");
    expect(fields.length).toBeGreaterThan(25);
    for (const [key, ways] of fields) {
      const { reason, instead } = PRIORITIES[key] ?? {};
      expect(instead?.length, key).toBeGreaterThan(5);
      expect(said(key, ways), key).toEqual([`error TS2006 cannot be used with tspod: ${reason} ${instead}`]);
    }
  });

  it("that is not supported yet is named", () => {
    for (const [key, ways] of byState("not yet")) {
      // What every pod has, and nobody is told: enableServiceLinks.
      if (NOT_YET[key] === undefined) continue;
      const { severity, meanwhile } = NOT_YET[key];
      expect(said(key, ways), key).toEqual([`${severity} TS2007 not supported yet: ${meanwhile} `]);
    }
  });

  it("that the server writes are accepted and dropped", () => {
    const fields = byState("dropped");
    expect(fields.length).toBeGreaterThan(8);
    for (const [key, [way]] of fields) {
      const { steps } = way as Place;
      const field = steps.at(-1) as Field;
      const object = key.startsWith("ObjectMeta.")
        ? { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", [field.name]: sample(field) } }
        : { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: one, status: sample(field) };
      const { problems, warnings, objects } = parse(JSON.stringify(object));
      expect([...problems, ...warnings], key).toEqual([]);
      expect(objects[0]?.object, key).not.toHaveProperty("status");
      expect(objects[0]?.object.metadata, key).toEqual({ name: "x", namespace: "default" });
    }
  });
});
