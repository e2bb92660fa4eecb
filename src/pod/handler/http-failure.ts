import { dialError, streamError } from "./network-error.ts";

/** A GET that came to no answer; the message is the kubelet's. */
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

/** How far a request came, and what ended it. */
export interface FailureFacts {
  error: unknown;
  url: string;
  address: string;
  connected: boolean;
  answered: boolean;
  timedOut: boolean;
}

/** The words of the kubelet's client for it. */
export function httpFailure({
  error,
  url,
  address,
  connected,
  answered,
  timedOut,
}: FailureFacts): HttpFailed {
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
