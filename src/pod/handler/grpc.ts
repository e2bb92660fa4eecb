import { type ClientHttp2Session, connect, constants } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { goDuration } from "../status/time.ts";
import { Aborted, onCut } from "./deadline.ts";
import { decodeStatus, encodeRequest, frame, SERVING_STATUS, unframe } from "./health-message.ts";
import { KUBERNETES_RELEASE, type Limits, type Verdict } from "./target.ts";

/** Status codes of gRPC that are told apart. */
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

const CODE_NAMES = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

/** Bytes of a reply that are read: a status takes two. */
const REPLY_LIMIT = 16 * 1024;

/** Between two tries to connect, ms: a gRPC client waits for its server until its time is up. */
const RETRY_MS = 100;

/**
 * `grpc`: Check of grpc.health.v1.Health, in plain text. One call with two messages of a field each: HTTP/2 is Node's
 * own, and the library for the rest would be larger than tspod.
 */
export async function grpcProbe(
  host: string,
  { port, service }: { port: number; service: string },
  limits: Limits,
): Promise<Verdict> {
  const address = `${host}:${port}`;
  const time = goDuration((limits.timeoutMs ?? 0) / 1000);
  const given = new AbortController();
  let aborted = false;
  const clock = onCut(limits, (why) => {
    aborted = why === "aborted";
    given.abort();
  });
  let session: ClientHttp2Session | undefined;
  try {
    session = await connected(address, given.signal);
    const reply = session && (await check(session, service, given.signal));
    if (aborted) throw new Aborted();
    if (reply) return verdict(reply, time);
    const where = JSON.stringify(address);
    return failed(`timeout: failed to connect service ${where} within ${time}: context deadline exceeded`);
  } finally {
    clock.clear();
    session?.destroy();
  }
}

interface Reply {
  code: number;
  message: string;
  body: Buffer;
}

function verdict({ code, message, body }: Reply, time: string): Verdict {
  if (code === UNIMPLEMENTED) {
    return failed(
      `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`,
    );
  }
  if (code === DEADLINE_EXCEEDED) return failed(`timeout: health rpc did not complete within ${time}`);
  if (code !== 0) {
    const name = CODE_NAMES[code] ?? `Code(${code})`;
    return failed(`error: health rpc probe failed: rpc error: code = ${name} desc = ${message}`);
  }
  const status = SERVING_STATUS[decodeStatus(unframe(body))] ?? "UNKNOWN";
  if (status !== "SERVING") return failed(`service unhealthy (responded with ${JSON.stringify(status)})`);
  return { result: "success", output: "service healthy" };
}

function failed(output: string): Verdict {
  return { result: "failure", output };
}

/** A session whose server has sent its settings; undefined when the time is up before there is one. */
async function connected(address: string, given: AbortSignal): Promise<ClientHttp2Session | undefined> {
  // One listener for all tries: there may be hundreds.
  const over = new Promise<false>((resolve) => {
    given.addEventListener("abort", () => resolve(false), { once: true });
  });
  while (!given.aborted) {
    const session = connect(`http://${address}`);
    const ready = new Promise<boolean>((resolve) => {
      session.once("remoteSettings", () => resolve(true));
      session.on("error", () => resolve(false));
      session.once("close", () => resolve(false));
    });
    if (await Promise.race([ready, over])) return session;
    session.destroy();
    await Promise.race([sleep(RETRY_MS), over]);
  }
  return undefined;
}

function check(session: ClientHttp2Session, service: string, given: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const headers = {
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": `kube-probe/${KUBERNETES_RELEASE}`,
    };
    const stream = session.request(headers);
    const chunks: Buffer[] = [];
    let code: number | undefined;
    let message = "";
    let httpStatus = 200;
    const read = (from: Record<string, unknown>) => {
      const status = from["grpc-status"];
      if (status === undefined) return;
      code = Number(status);
      message = percentDecoded(String(from["grpc-message"] ?? ""));
    };
    stream.once("response", (from) => {
      httpStatus = Number(from[":status"] ?? 200);
      read(from);
    });
    stream.once("trailers", read);
    let length = 0;
    stream.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= REPLY_LIMIT) chunks.push(chunk);
      else end({ code: RESOURCE_EXHAUSTED, message: "received message larger than max" });
    });
    const end = (otherwise: Omit<Reply, "body">) => {
      const known = code === undefined ? otherwise : { code, message };
      resolve({ ...known, body: Buffer.concat(chunks) });
    };
    given.addEventListener("abort", () => end({ code: DEADLINE_EXCEEDED, message: "" }), { once: true });
    stream.once("error", (error) => end({ code: UNAVAILABLE, message: error.message }));
    stream.once("close", () => end(withoutStatus(httpStatus)));
    stream.end(frame(encodeRequest(service)));
  });
}

/** A server that speaks HTTP/2 and no gRPC: the mapping of gRPC's specification for its HTTP statuses. */
function withoutStatus(httpStatus: number): Omit<Reply, "body"> {
  const message = `unexpected HTTP status code received from server: ${httpStatus}`;
  if (httpStatus === 404) return { code: UNIMPLEMENTED, message };
  if (httpStatus === 200) return { code: 13, message: "server closed the stream without sending trailers" };
  return { code: [429, 502, 503, 504].includes(httpStatus) ? UNAVAILABLE : 2, message };
}

/** gRPC writes what is not printable ASCII as `%xx`; a message that is not well written is shown as it came. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
