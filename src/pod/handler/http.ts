import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import { Aborted, type Cut, onCut } from "./deadline.ts";
import { HttpFailed, httpFailure } from "./http-failure.ts";
import { type HttpTarget, hostHeader, redirected, urlOf } from "./http-target.ts";
import type { Limits } from "./target.ts";

/** Bytes of an answer that are read; what follows is of no interest to a probe. */
const BODY_LIMIT = 10 * 1024;
const REDIRECT_LIMIT = 10;
const HEADER_LIMIT = 1 << 20;

export interface HttpAnswer {
  status: number;
  body: string;
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
      reject(httpFailure({ error, url, address, connected, answered, timedOut: why() === "timeout" }));
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
