import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import type { HTTPGetAction } from "../../manifest/index.ts";
import { Aborted, type Cut, onCut } from "./deadline.ts";
import { dialError, streamError } from "./network-error.ts";
import { requestPath } from "./request-path.ts";
import { KUBERNETES_RELEASE, type Limits } from "./target.ts";

/** Bytes of an answer that are read; what follows is of no interest to a probe. */
const BODY_LIMIT = 10 * 1024;
const REDIRECT_LIMIT = 10;
const HEADER_LIMIT = 1 << 20;

export interface HttpTarget {
  secure: boolean;
  host: string;
  port: number;
  /** With its query. */
  path: string;
  headers: Map<string, string[]>;
}

export interface HttpAnswer {
  status: number;
  body: string;
}

/** A GET that came to no answer; the message is the kubelet's. `cut` says that the time was up, or that it was given up. */
export class HttpFailed extends Error {
  /** The answer had begun: its status is known, its body broke off. */
  readonly inBody: boolean;
  /** A plain answer came to a request over TLS. */
  readonly plainAnswer: boolean;

  constructor(message: string, { inBody = false, plainAnswer = false } = {}) {
    super(message);
    this.inBody = inBody;
    this.plainAnswer = plainAnswer;
  }
}

/** What a manifest's httpGet asks for. `purpose` names us to the server: kube-probe, kube-lifecycle. */
export function httpTarget(
  action: HTTPGetAction,
  { podIP, port, purpose }: { podIP: string; port: number; purpose: "probe" | "lifecycle" },
): HttpTarget {
  const headers = new Map<string, string[]>();
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = canonical(name);
    headers.set(key, [...(headers.get(key) ?? []), value ?? ""]);
  }
  const defaults = { "User-Agent": `kube-${purpose}/${KUBERNETES_RELEASE}`, Accept: "*/*" };
  // Set to nothing, both are left out: the kubelet's client sends neither empty.
  for (const [name, value] of Object.entries(defaults)) {
    if (!headers.has(name)) headers.set(name, [value]);
    else if (headers.get(name)?.[0] === "") headers.delete(name);
  }
  return {
    secure: action.scheme?.toUpperCase() === "HTTPS",
    host: action.host || podIP,
    port,
    path: requestPath(action.path ?? ""),
    headers,
  };
}

/** `content-type` → `Content-Type`: names that differ in case alone are one header. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/**
 * GET as the kubelet does it: no proxy, no certificate check, one connection, and redirects followed on the same host
 * only, so that no container can send us to another one. @throws HttpFailed, Aborted
 */
export async function httpGet(first: HttpTarget, limits: Limits): Promise<HttpAnswer> {
  const controller = new AbortController();
  let cut: Cut | undefined;
  const clock = onCut(limits, (why) => {
    cut = why;
    controller.abort();
  });
  try {
    for (let target = first, hops = 0; ; hops++) {
      const { answer, location } = await once(target, controller.signal, () => cut);
      const next = location === undefined ? undefined : redirected(target, location);
      if (next === undefined || next.host.toLowerCase() !== first.host.toLowerCase()) return answer;
      if (hops === REDIRECT_LIMIT - 1) {
        throw new HttpFailed(`Get ${JSON.stringify(location)}: stopped after 10 redirects`);
      }
      target = next;
    }
  } finally {
    clock.clear();
  }
}

type Once = { answer: HttpAnswer; location: string | undefined };

function once(target: HttpTarget, signal: AbortSignal, why: () => Cut | undefined): Promise<Once> {
  const url = urlOf(target);
  const address = `${target.host}:${target.port}`;
  return new Promise((resolve, reject) => {
    let connected = false;
    let answered = false;
    const fail = (error: unknown) => {
      if (why() === "aborted") return reject(new Aborted());
      reject(failure({ error, url, address, connected, answered, timedOut: why() === "timeout" }));
    };
    if (signal.aborted) return fail(undefined);
    let call: ReturnType<typeof plainRequest>;
    try {
      call = (target.secure ? secureRequest : plainRequest)({
        ...optionsOf(target),
        signal,
        // A certificate in a pod is its own affair: the kubelet checks none.
        rejectUnauthorized: false,
        ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
      });
    } catch (error) {
      return fail(error);
    }
    call.once("socket", (socket) => socket.once("connect", () => (connected = true)));
    call.on("error", fail);
    call.once("response", (response) => {
      answered = true;
      readBody(response).then((body) => {
        call.destroy();
        const status = response.statusCode ?? 0;
        const redirects = [301, 302, 303, 307, 308].includes(status);
        const location = redirects ? response.headers.location : undefined;
        resolve({ answer: { status, body }, location });
      }, fail);
    });
    call.end();
  });
}

function optionsOf({ host, port, path, headers }: HttpTarget) {
  const named = headers.get("Host")?.[0];
  const others = [...headers].filter(([name]) => name !== "Host");
  return {
    host,
    port,
    path,
    method: "GET",
    agent: false as const,
    setHost: false,
    maxHeaderSize: HEADER_LIMIT,
    headers: {
      Host: named || hostHeader(host, port),
      ...Object.fromEntries(others.map(([name, values]) => [name, values.map(bytes)])),
      Connection: "close",
    },
  };
}

/** Header values go out as the bytes of the manifest's text, which Node calls latin1. */
function bytes(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

function hostHeader(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function urlOf({ secure, host, port, path }: HttpTarget): string {
  return `${secure ? "https" : "http"}://${hostHeader(host, port)}${path}`;
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, BODY_LIMIT - length));
    length += chunk.length;
    if (length >= BODY_LIMIT) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Where an answer sends us; undefined when that is no place of HTTP. A Host header of the manifest stays for relative ones. */
function redirected(from: HttpTarget, location: string): HttpTarget | undefined {
  let url: URL;
  try {
    url = new URL(location, urlOf(from));
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const secure = url.protocol === "https:";
  const headers = new Map(from.headers);
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) headers.delete("Host");
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 443 : 80)),
    path: `${url.pathname}${url.search}`,
    headers,
  };
}

interface FailureFacts {
  error: unknown;
  url: string;
  address: string;
  connected: boolean;
  answered: boolean;
  timedOut: boolean;
}

function failure({ error, url, address, connected, answered, timedOut }: FailureFacts): HttpFailed {
  if (timedOut && answered) {
    const words = "context deadline exceeded (Client.Timeout or context cancellation while reading body)";
    return new HttpFailed(words, { inBody: true });
  }
  if (answered) {
    const words = (error as { code?: string }).code === "ECONNRESET" ? "unexpected EOF" : String(error);
    return new HttpFailed(words, { inBody: true });
  }
  const get = `Get ${JSON.stringify(url)}: `;
  if (timedOut) {
    return new HttpFailed(`${get}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`);
  }
  const { code = "", message } = error as { code?: string; message: string };
  const tls = /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  if (tls === "wrong version number" || tls === "packet length too long") {
    return new HttpFailed(`${get}http: server gave HTTP response to HTTPS client`, { plainAnswer: true });
  }
  if (tls !== undefined) return new HttpFailed(`${get}tls: ${tls}`);
  if (code === "ERR_INVALID_CHAR") return new HttpFailed(`${get}net/http: invalid header field value`);
  if (code.startsWith("HPE_")) {
    return new HttpFailed(`${get}net/http: HTTP/1.x transport connection broken: ${message}`);
  }
  return new HttpFailed(get + (connected ? streamError(error, address) : dialError(error, address)));
}
