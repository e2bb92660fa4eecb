import { createServer } from "node:net";

/** A TCP port that nobody listens on, the wanted one if it is free; a test that uses it soon gets it. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  const isTaken = await new Promise<boolean>((resolve) =>
    server.once("error", () => resolve(true)).listen(wanted, "0.0.0.0", () => resolve(false)),
  );
  if (isTaken) return freePort();
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
