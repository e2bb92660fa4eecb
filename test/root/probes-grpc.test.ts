import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { grpcProbe } from "../../src/pod/handler/grpc.ts";
import { freePort } from "../support/ports.ts";

const open: { close(): unknown }[] = [];
const closing: (() => void)[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
  for (const one of closing.splice(0)) one();
});

async function listening(server: Http2Server | Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.address() as AddressInfo).port;
}

interface Reply {
  status?: string;
  message?: string;
  /** Bytes of the body, in hex. */
  body?: string;
  http?: number;
  /** Everything is in the headers: no body, no trailers. */
  trailersOnly?: boolean;
}

interface Asked {
  path: string | undefined;
  headers: Record<string, unknown>;
  body: string;
}

/** A gRPC server of one answer, as the specification puts it on the wire, and what it was asked. */
async function serve(reply: Reply | "nothing"): Promise<{ port: number; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer();
  server.on("session", (session) => closing.push(() => session.destroy()));
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      asked.push({ path: headers[":path"], headers, body: Buffer.concat(chunks).toString("hex") });
      if (reply !== "nothing") answer(stream, reply);
    });
  });
  return { port: await listening(server), asked };
}

function answer(
  stream: ServerHttp2Stream,
  { status = "0", message, body = "", http = 200, trailersOnly }: Reply,
) {
  const trailers = { "grpc-status": status, ...(message === undefined ? {} : { "grpc-message": message }) };
  const headers = { ":status": http, "content-type": "application/grpc" };
  if (trailersOnly) return stream.respond({ ...headers, ...trailers }, { endStream: true });
  if (http !== 200) return stream.respond(headers, { endStream: true });
  stream.respond(headers, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  return stream.end(Buffer.from(body, "hex"));
}

const check = (port: number, service = "", timeoutMs = 60_000) =>
  grpcProbe("127.0.0.1", { port, service }, { timeoutMs });

describe("grpc", () => {
  it("asks the health service, for the service that is named", async () => {
    const { port, asked } = await serve({ body: "00000000020801" });
    expect(await check(port)).toEqual({ result: "success", output: "service healthy" });
    expect(await check(port, "db")).toEqual({ result: "success", output: "service healthy" });
    expect(asked.map(({ path, body }) => [path, body])).toEqual([
      ["/grpc.health.v1.Health/Check", "0000000000"],
      ["/grpc.health.v1.Health/Check", "00000000040a026462"],
    ]);
    expect(asked[0]?.headers).toMatchObject({
      ":method": "POST",
      ":authority": `127.0.0.1:${port}`,
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "kube-probe/1.36",
    });
  });

  it.each<[string, Reply, string]>([
    ["does not serve", { body: "00000000020802" }, 'service unhealthy (responded with "NOT_SERVING")'],
    ["says nothing of it", { body: "0000000000" }, 'service unhealthy (responded with "UNKNOWN")'],
    [
      "does not know it",
      { status: "5", message: "unknown service", trailersOnly: true },
      "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
    ],
    [
      "has no health service",
      { status: "12", message: "unknown service grpc.health.v1.Health", trailersOnly: true },
      "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health",
    ],
    [
      "writes its message escaped",
      { status: "2", message: "50%25 full%", trailersOnly: true },
      "code = Unknown desc = 50%25 full%",
    ],
    ["speaks no gRPC", { http: 404 }, "does not implement the grpc health protocol"],
    [
      "is out of order",
      { http: 503 },
      "code = Unavailable desc = unexpected HTTP status code received from server: 503",
    ],
    ["says far too much", { body: "00".repeat(50_000) }, "code = ResourceExhausted"],
  ])("fails when the server %s", async (_, reply, words) => {
    const { port } = await serve(reply);
    const verdict = await check(port, "db");
    expect(verdict.result).toBe("failure");
    expect(verdict.output).toContain(words);
  });

  it("fails when no answer comes in time", async () => {
    const { port } = await serve("nothing");
    expect(await check(port, "", 4000)).toEqual({
      result: "failure",
      output: "timeout: health rpc did not complete within 4s",
    });
  });

  it("fails when nobody listens until its time is up, and comes in when somebody does", async () => {
    // Not one that the kernel gives out: it would be somebody's before the server comes.
    const port = await freePort();
    const warned = vi.fn();
    process.on("warning", warned);
    expect(await check(port, "", 1500)).toEqual({
      result: "failure",
      output: `timeout: failed to connect service "127.0.0.1:${port}" within 1.5s: context deadline exceeded`,
    });
    process.off("warning", warned);
    expect(warned).not.toHaveBeenCalled();
    const later = check(port);
    const server = createServer();
    open.push(server);
    server.on("session", (session) => closing.push(() => session.destroy()));
    server.on("stream", (stream) => answer(stream, { body: "00000000020801" }));
    await new Promise<void>((resolve) =>
      setTimeout(() => server.listen(port, "127.0.0.1", () => resolve()), 150),
    );
    expect(await later).toEqual({ result: "success", output: "service healthy" });
  });

  it("fails when the server speaks no HTTP/2", async () => {
    const port = await listening(createTcpServer((socket) => socket.on("error", () => {}).end("hello\r\n")));
    expect((await check(port, "", 300)).output).toContain("failed to connect service");
  });

  it("is given up when nobody waits for it", async () => {
    const { port } = await serve("nothing");
    const given = new AbortController();
    const probe = grpcProbe("127.0.0.1", { port, service: "" }, { timeoutMs: 60_000, signal: given.signal });
    setTimeout(() => given.abort(), 50);
    await expect(probe).rejects.toThrow("context canceled");
  });
});
