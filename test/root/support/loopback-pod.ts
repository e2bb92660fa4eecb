import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket, Server as TcpServer } from "node:net";
import { afterEach } from "vitest";
import { startTimeOf } from "../../../src/kernel/process-ref.ts";
import type { HTTPGetAction } from "../../../src/manifest/index.ts";
import { httpProbe } from "../../../src/pod/handler/http-probe.ts";
import type { HandlerTarget } from "../../../src/pod/handler/target.ts";
import { openHost } from "../../../src/runtime/open-host.ts";

/** A pod whose address is this machine's loopback, and whose process is ours. */
export const target = {
  host: openHost(),
  pod: { name: "web", namespace: "default", uid: "u" },
  podIP: "127.0.0.1",
  container: { name: "app" },
  attempt: { process: { pid: process.pid, startTime: startTimeOf(process.pid) } },
} as unknown as HandlerTarget;
export const limits = { timeoutMs: 60_000 };

/** Servers that end with the test that has started them. */
export function servers() {
  const open: { close(): unknown }[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  });
  /** The port, once it listens. */
  async function listening(server: Server | TcpServer): Promise<number> {
    open.push(server);
    server.on("connection", (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }
  const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    listening(createServer(answer));
  return { listening, serve };
}

export const get = (port: number, more: Partial<HTTPGetAction> = {}) =>
  httpProbe(target, { port, path: "/", scheme: "HTTP", ...more }, limits);
