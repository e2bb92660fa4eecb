import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { MS_PRIVATE } from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { type ContainerSpec, container, eventsUntil, folder, logLines, waitEnd } from "./harness.ts";

/** A folder of the host with random content that must stay unread, unchanged and without company. */
export let canary: string;
export let secret: string;

beforeEach(() => {
  canary = folder();
  secret = createHash("sha256").update(String(Math.random())).digest("hex");
  writeFileSync(join(canary, "secret"), secret);
});

afterEach(() => {
  expect(readdirSync(canary)).toEqual(["secret"]);
  expect(readFileSync(join(canary, "secret"), "utf8")).toBe(secret);
});

export function bind(source: string, target: string, subPath = "", createSubPath = false): ContainerOp {
  return {
    op: "bind",
    source,
    subPath,
    createSubPath,
    target,
    recursive: true,
    set: 0,
    clear: 0,
    propagation: MS_PRIVATE,
    attrsRecursive: false,
    tree: -1,
  };
}

/** What the refused or confined container said; the secret must not be in it. */
export function attempt(spec: ContainerSpec) {
  const one = container(spec);
  const fail = eventsUntil(one, "end").find(({ kind }) => kind === "fail");
  waitEnd(one);
  const text = logLines(one).join("\n");
  expect(text).not.toContain(secret);
  return { one, fail, text };
}
