import { once } from "node:events";
import { createServer, request } from "node:http";

export interface AgingProxy {
  host: string;
  /** The status of every answer that came from the registry. */
  answers: number[];
  close(): void;
}

/**
 * An HTTP proxy before a registry on loopback in which time flies: the first bearer token that is seen passes so many
 * times, and then reaches the registry as one that has expired. With `always`, every later token does, too.
 */
export async function agingProxy(
  port: number,
  { uses, expired, always = false }: { uses: number; expired: string; always?: boolean },
): Promise<AgingProxy> {
  const answers: number[] = [];
  let first: string | undefined;
  let left = uses;
  const age = (authorization: string) => {
    first ??= authorization;
    if (authorization !== first && !always) return authorization;
    left -= 1;
    return left >= 0 ? authorization : `Bearer ${expired}`;
  };
  const server = createServer((incoming, outgoing) => {
    const { authorization } = incoming.headers;
    const headers = {
      ...incoming.headers,
      ...(authorization?.startsWith("Bearer ") && { authorization: age(authorization) }),
    };
    request({ host: "127.0.0.1", port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      answers.push(answer.statusCode ?? 0);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    answers,
    close: () => server.close(),
  };
}
