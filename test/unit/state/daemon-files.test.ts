import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { daemonPaths, removeDaemonFiles } from "../../../src/state/daemon-files.ts";
import { pathsFor } from "../../../src/state/paths.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tspod-unit-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("leaves the folder to the next daemon, which may come as soon as the lock's file is gone", () => {
  const paths = daemonPaths(pathsFor(root));
  const next = join(paths.folder, "what the next daemon has put here");
  mkdirSync(paths.folder, { recursive: true });
  for (const file of [paths.lock, paths.log, paths.socket, next]) writeFileSync(file, "");
  removeDaemonFiles(paths);
  expect(readdirSync(paths.folder)).toHaveLength(1);
  rmSync(next);
  removeDaemonFiles(paths);
  expect(existsSync(paths.folder)).toBe(false);
  removeDaemonFiles(paths);
});
