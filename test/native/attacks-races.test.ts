import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { attempt, bind, canary, secret } from "./canary.ts";
import { container, eventsUntil, folder, makeRootfs, testProgram, waitEnd } from "./harness.ts";

let attacker: ChildProcess | undefined;

afterEach(() => {
  attacker?.kill("SIGKILL");
  attacker = undefined;
});

/** Two names of a shared volume that change places all the time: a folder, and a link to the host. */
function exchangingVolume(linkTarget: string): string {
  const volume = folder();
  mkdirSync(join(volume, "a"));
  symlinkSync(linkTarget, join(volume, "b"));
  attacker = spawn(testProgram("exchange"), [join(volume, "a"), join(volume, "b")], { stdio: "ignore" });
  return volume;
}

test("A8, A9: a mount target that becomes a link during the mount never leaves the root", () => {
  const volume = exchangingVolume(canary);
  const cargo = folder();
  writeFileSync(join(cargo, "cargo"), "");
  const root = makeRootfs();
  let mounted = 0;
  for (let i = 0; i < 200; i++) {
    const one = container({
      root,
      mounts: [
        bind(volume, "/v"),
        bind(cargo, "/v/a/x/y"),
        bind(join(cargo, "cargo"), "/v/a/f"),
        { op: "mkdir", path: "/v/a/m/n", mode: 0o755 },
      ],
      argv: ["/bin/true"],
    });
    const fail = eventsUntil(one, "end").find(({ kind }) => kind === "fail");
    if (!fail) mounted++;
    waitEnd(one);
    expect(readdirSync(canary)).toEqual(["secret"]);
  }
  // The race must really have been on: some attempts meet the folder, some the link.
  expect(attacker?.exitCode).toBeNull();
  expect(mounted).toBeLessThan(200);
});

test("B1: a subPath that becomes a link during the mount never shows the host", () => {
  const volume = exchangingVolume(canary);
  writeFileSync(join(volume, "file"), "");
  const root = makeRootfs();
  let refused = 0;
  for (let i = 0; i < 200; i++) {
    const { fail, text } = attempt({
      root,
      mounts: [bind(volume, "/v", "a", true)],
      argv: ["/bin/sh", "-c", "ls -A /v; cat /v/secret"],
    });
    if (fail) refused++;
    expect(text).not.toMatch(/^secret/m);
  }
  expect(refused).toBeGreaterThan(0);
  expect(attacker?.exitCode).toBeNull();
});

test("the attack of the race tests works on a runtime that trusts paths", () => {
  // Without this, the tests above could pass because the attacker does nothing.
  const volume = exchangingVolume(canary);
  let led = 0;
  // On a busy machine the attacker may not have run yet.
  for (const end = Date.now() + 120_000; led === 0 && Date.now() < end; ) {
    try {
      if (readFileSync(join(volume, "a/secret"), "utf8") === secret) led++;
    } catch {
      // The folder was in place.
    }
  }
  expect(led).toBeGreaterThan(0);
});
