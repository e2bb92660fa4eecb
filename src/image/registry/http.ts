import type { IncomingMessage, RequestOptions } from "node:http";
import type { AgentOptions } from "node:https";
import { connectThrough, proxyFor } from "./proxy.ts";

export interface HttpRequest {
  url: URL;
  method?: "GET" | "POST" | "HEAD";
  headers?: Record<string, string>;
  body?: string;
  tls?: Pick<AgentOptions, "rejectUnauthorized" | "secureContext">;
}

/** No byte for so long ends a request; it is then tried again from where it stopped. */
const IDLE_MS = 30_000;
const CONNECT_MS = 15_000;

/** One HTTP request, through the proxy that the environment names, if it does. The body is not read yet. */
export async function httpRequest({
  url,
  method = "GET",
  headers = {},
  body,
  tls,
}: HttpRequest): Promise<IncomingMessage> {
  const proxy = proxyFor(url);
  const options: RequestOptions & AgentOptions = {
    method,
    headers: {
      "user-agent": "tspod",
      ...headers,
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    },
    // A connection of its own for each request: a pull makes few, and a broken one then breaks nothing else.
    agent: false,
  };
  if (url.protocol === "https:") {
    const { request } = await import("node:https");
    const socket = proxy === undefined ? undefined : await connectThrough(proxy, url, CONNECT_MS);
    return send(
      request(url, { ...options, ...tls, servername: serverName(url), ...(socket && { socket }) }),
      body,
    );
  }
  const { request } = await import("node:http");
  if (proxy === undefined) return send(request(url, options), body);
  const forwarded = { ...options, host: proxy.url.hostname, port: proxy.url.port || 80, path: url.href };
  return send(
    request({ ...forwarded, headers: { ...forwarded.headers, host: url.host, ...proxy.headers } }),
    body,
  );
}

/** RFC 6066: an IP address is no server name. */
function serverName(url: URL): string {
  return /^[\d.]+$|^\[/.test(url.hostname) ? "" : url.hostname;
}

function send(
  request: import("node:http").ClientRequest,
  body: string | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.setTimeout(CONNECT_MS, () => request.destroy(timeout(request.host)));
    request.on("response", (response) => {
      request.setTimeout(0);
      response.setTimeout(IDLE_MS, () => response.destroy(timeout(request.host)));
      resolve(response);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function timeout(host: string): Error {
  return Object.assign(new Error(`no answer from ${host}`), { code: "ETIMEDOUT" });
}

/** The body, no longer than `limit` bytes. */
export async function readBody(response: IncomingMessage, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limit) {
      response.destroy();
      throw Object.assign(new Error(`the answer is longer than ${limit} bytes`), { code: "ERR_TOO_LONG" });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
