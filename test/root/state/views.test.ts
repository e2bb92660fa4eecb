import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { viewPod } from "../../../src/pod/views.ts";
import { openHost } from "../../../src/runtime/open-host.ts";
import { attemptPaths, podPaths } from "../../../src/state/paths.ts";

const top = mkdtempSync(join(tmpdir(), "tspod-views-"));
afterAll(() => rmSync(top, { recursive: true }));

const write = (path: string, content: object | string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
};

it("of a container whose next start has only begun have the messages of the two before", () => {
  const host = openHost({ root: top });
  const pod = { spec: { containers: [{ name: "a" }] } };
  const record = { uid: "u", name: "p", namespace: "default", foreground: false, pod };
  const paths = podPaths(host.paths, record as never);
  write(paths.record, record);
  write(paths.sandbox, { phase: "ready" });
  for (const attempt of [0, 1, 2]) {
    const folders = attemptPaths(paths, "a", attempt);
    write(folders.record, { name: "a", kind: "app", attempt });
    write(folders.exit, { code: 1, signal: 0, oomKills: 0, finishedAt: "2026-01-01T00:00:00Z" });
    write(folders.terminationLog, `run ${attempt}`);
  }
  mkdirSync(attemptPaths(paths, "a", 3).run, { recursive: true });
  const [container] = viewPod(host, "u")?.containers ?? [];
  expect(container?.attempts.map(({ message }) => message)).toEqual([undefined, "run 1", "run 2"]);
});
