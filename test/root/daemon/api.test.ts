import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { serveApi } from "../../../src/daemon/api.ts";
import { daemonStatus } from "../../../src/daemon/client.ts";
import type { Host } from "../../../src/runtime/host.ts";

const top = mkdtempSync(join(tmpdir(), "tspod-api-"));
afterAll(() => rmSync(top, { recursive: true }));

it("is served below a root whose path is longer than a socket's address has room for", async () => {
  const run = join(top, "x".repeat(100));
  const folder = join(run, "daemon");
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, "tspod.sock");
  const api = await serveApi({ now: () => new Date() } as Host, socket, { pods: () => 7 });
  expect(existsSync(socket)).toBe(true);
  process.chdir(folder);
  const body = await new Promise<string>((resolve, reject) => {
    request({ socketPath: "tspod.sock", path: "/v1/daemon" }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part)).on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
  expect(JSON.parse(body).pods).toBe(7);
  process.chdir("/");
  const { pid, startedAt, build, pods } = JSON.parse(body);
  expect(await daemonStatus({ paths: { run } } as Host)).toMatchObject({ pid, startedAt, build, pods });
  api.close();
  expect(await daemonStatus({ paths: { run } } as Host)).toBeUndefined();
  rmSync(folder, { recursive: true });
  expect(await daemonStatus({ paths: { run } } as Host)).toBeUndefined();
});
