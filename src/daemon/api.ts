import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { basename } from "node:path";
import { withShortPath } from "../kernel/short-path.ts";
import { podWithStatus } from "../pod/status.ts";
import { listPods } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import { readEvents } from "../state/events.ts";
import { podPaths } from "../state/paths.ts";
import { thisBuild } from "./build.ts";

/** The version in every path: what a client of it may rely on is in docs/api.md. */
export const API_VERSION = "v1";

export interface Api {
  close(): void;
}

/** Serves the API on a unix socket that root alone can reach. Everything in it can be read from disk as well. */
export async function serveApi(host: Host, socket: string, daemon: { pods(): number }): Promise<Api> {
  const started = host.now();
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    try {
      answer(request, response);
    } catch (error) {
      send(response, 500, { error: (error as Error).message });
    }
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const parts = new URL(request.url ?? "/", "http://tspod").pathname
      .split("/")
      .filter((part) => part !== "");
    const [version, kind, namespace, name, part] = parts;
    if (request.method !== "GET") return send(response, 405, { error: `${request.method} is not supported` });
    if (version === API_VERSION && kind === "daemon" && parts.length === 2) {
      const { rss } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      return send(response, 200, {
        pid: process.pid,
        startedAt: started.toISOString(),
        build: basename(thisBuild().file),
        pods: daemon.pods(),
        rssBytes: rss,
        cpuMicroseconds: user + system,
      });
    }
    if (version === API_VERSION && kind === "pods") {
      const pods = listPods(host).filter(
        ({ record }) =>
          (namespace === undefined || record.namespace === namespace) &&
          (name === undefined || record.name === name),
      );
      if (name === undefined) return send(response, 200, { kind: "PodList", items: pods.map(podWithStatus) });
      const [pod] = pods;
      if (pod && part === undefined) return send(response, 200, podWithStatus(pod));
      if (pod && part === "events")
        return send(response, 200, { items: readEvents(podPaths(host.paths, pod.record).events) });
    }
    return send(response, 404, { error: `there is no ${request.url}` });
  };
  const open = new Set<Socket>();
  let http: Promise<Server> | undefined;
  // Loaded with the first connection: three megabytes that a daemon nobody asks does without.
  const server = createServer((connection) => {
    open.add(connection);
    connection.on("close", () => open.delete(connection));
    connection.on("error", () => connection.destroy());
    http ??= import("node:http").then((module) => module.createServer(handle));
    void http.then((one) => one.emit("connection", connection));
  });
  rmSync(socket, { force: true });
  const listening = (address: string) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(address, resolve);
    });
  await withShortPath(socket, listening);
  chmodSync(socket, 0o600);
  return {
    close: () => {
      server.close();
      for (const connection of open) connection.destroy();
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}
