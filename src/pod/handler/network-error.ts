/** What errno means in the words of the kubelet's language, which are those of strerror(3). */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EINVAL: "invalid argument",
  EPIPE: "broken pipe",
};

interface SystemError extends Error {
  code?: string;
  syscall?: string;
  hostname?: string;
  errors?: SystemError[];
}

/** `dial tcp 10.77.0.2:80: connect: connection refused`: how a connection could not be made. */
export function dialError(error: unknown, address: string): string {
  const cause = firstOf(error);
  if (cause.syscall === "getaddrinfo") return `dial tcp: lookup ${cause.hostname}: no such host`;
  return `dial tcp ${address}: connect: ${MEANINGS[cause.code ?? ""] ?? cause.message}`;
}

/** What broke a connection that had been made. */
export function streamError(error: unknown, address: string): string {
  const cause = firstOf(error);
  // "socket hang up" is the other side's plain end before an answer.
  if (cause.syscall === undefined && cause.code === "ECONNRESET") return "EOF";
  const meaning = MEANINGS[cause.code ?? ""];
  return meaning === undefined ? cause.message : `read tcp ${address}: read: ${meaning}`;
}

/** Several addresses of one name were tried: the first says why. */
function firstOf(error: unknown): SystemError {
  const { errors = [] } = error as SystemError;
  return errors[0] ?? (error as SystemError);
}
