import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Kernel } from "../../../src/kernel/kernel.ts";
import { keepRecord } from "../../../src/pod/kept.ts";
import { recover } from "../../../src/pod/recover.ts";
import { removeStopped, tidy } from "../../../src/pod/remove.ts";
import { openHost } from "../../../src/runtime/open-host.ts";
import { networkLock } from "../../../src/runtime/sandbox.ts";
import { takeLock } from "../../../src/state/lock.ts";
import { allNames, releaseLink, releaseName, takeName } from "../../../src/state/names.ts";
import { podPaths } from "../../../src/state/paths.ts";
import type { PodRecord } from "../../../src/state/record.ts";
import { eventually } from "../../support/tspod.ts";
import { buildProgram } from "../support/program.ts";

const top = mkdtempSync(join(tmpdir(), "tspod-removal-"));
const program = join(top, "program.cjs");

beforeAll(async () => {
  await buildProgram(
    program,
    `
        import { existsSync } from "node:fs";
        import { recover } from "./pod/recover.ts";
        import { discard, tidy } from "./pod/remove.ts";
        import { freshSandbox } from "./pod/views.ts";
        import { openHost } from "./runtime/open-host.ts";
        import { writeJson } from "./state/json-file.ts";
import { takeLock } from "./state/lock.ts";
        import { podPaths } from "./state/paths.ts";
        import { writeSandbox } from "./state/records.ts";

        const [, , root, kind, times] = process.argv;
        const host = openHost({ root });
        for (let i = 0; i < Number(times); i++) {
          if (kind === "recover") {
            recover(host);
            continue;
          }
          const record = { uid: kind + i, name: kind, namespace: "default", foreground: false, pod: {} };
          const paths = podPaths(host.paths, record);
          const lock = takeLock(paths.lock, { wait: true });
          writeSandbox(paths, { ...freshSandbox(), phase: "ready" });
          writeJson(paths.record, record);
          lock.release();
          if (!existsSync(paths.record)) throw new Error("somebody has removed " + record.uid);
          discard(paths.run);
          tidy(host);
        }`,
  );
});
afterAll(() => rmSync(top, { recursive: true }));

it("of pods leaves those alone that are just being made, and nothing when the last has gone", async () => {
  const root = join(top, "many");
  const kinds = ["a", "b", "recover"];
  await Promise.all(kinds.map((kind) => promisify(execFile)(process.execPath, [program, root, kind, "50"])));
  expect(existsSync(join(root, "run/tspod"))).toBe(false);
});

it("of what a killed command has begun is a rename first: whoever makes a pod may be about to take its lock", async () => {
  const host = openHost({ root: join(top, "begun") });
  const pods = join(host.paths.run, "pods");
  mkdirSync(join(pods, "u"), { recursive: true });
  mkdirSync(join(pods, "stays"));
  const lock = takeLock(join(pods, "stays/lock"), { wait: false });
  const seen = new Set<string | null>();
  const watcher = watch(pods, (_, name) => seen.add(name));
  recover(host);
  expect(readdirSync(pods)).toEqual(["stays"]);
  await eventually(() => [...seen].some((name) => name?.startsWith(".trash-")));
  watcher.close();
  lock?.release();
});

it("of folders looks again when the last pod has gone while another command had the lock", () => {
  const host = openHost({ root: join(top, "folders") });
  const other = join(host.paths.run, "pods/u");
  mkdirSync(other, { recursive: true });
  let looks = 0;
  const beside = {
    ...host,
    get paths() {
      // Its pods have been looked at: the other command finds the lock held, and leaves the rest to us.
      if (isHeld(networkLock(host)) && ++looks === 3) rmdirSync(other);
      return host.paths;
    },
  };
  tidy(beside);
  expect(looks).toBeGreaterThanOrEqual(3);
  expect(existsSync(host.paths.run)).toBe(false);
});

it("of a pod is done in its turn, and by the first of two who remove it", () => {
  const host = openHost({ root: join(top, "one") });
  const record = { uid: "u", name: "p", namespace: "default", foreground: false } as PodRecord;
  const paths = podPaths(host.paths, record);
  takeLock(paths.lock, { wait: false })?.release();
  takeName(host.paths, record);
  const held: boolean[] = [];
  const kernel = new Proxy(host.kernel, {
    get(target, key: keyof Kernel) {
      if (key !== "readFile") return target[key];
      return (path: string) => {
        held.push(isHeld(paths.turn));
        return target.readFile(path);
      };
    },
  });
  expect(removeStopped({ ...host, kernel }, record, paths)).toEqual([]);
  expect(held).toEqual([true]);
  const next = { ...record, uid: "v" };
  takeName(host.paths, next);
  expect(removeStopped(host, record, paths)).toEqual([]);
  expect(allNames(host.paths)).toMatchObject([{ uid: "v" }]);
  releaseName(host.paths, next);
});

it("of a name leaves it to the pod that has taken it since it was listed", () => {
  const { paths } = openHost({ root: join(top, "names") });
  const pod = { uid: "u", name: "p", namespace: "default" };
  takeName(paths, pod);
  const [listed] = allNames(paths);
  if (!listed) throw new Error("no name");
  releaseName(paths, pod);
  takeName(paths, { ...pod, uid: "v" });
  releaseLink(listed);
  expect(allNames(paths)).toEqual([{ ...listed, uid: "v" }]);
});

it("of a dead daemon's files does not look like a daemon: the lock is shared for that moment", () => {
  const path = join(top, "lock");
  const tidier = takeLock(path, { wait: false, mode: "shared" });
  expect(takeLock(path, { wait: false })).toBeUndefined();
  const asks = takeLock(path, { wait: false, mode: "shared" });
  expect(asks).toBeDefined();
  asks?.release();
  tidier?.release();
  expect(takeLock(path, { wait: false })).toBeDefined();
});

function isHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = takeLock(path, { wait: false, make: false });
  lock?.release();
  return lock === undefined;
}

it("of a pod's folders beside its being made leaves its maker nothing to keep, and that is no error", () => {
  const { paths } = openHost({ root: join(top, "kept") });
  const record = { uid: "u", name: "p", namespace: "default", foreground: false } as PodRecord;
  keepRecord(podPaths(paths, record), record);
  expect(existsSync(paths.lib)).toBe(false);
});
