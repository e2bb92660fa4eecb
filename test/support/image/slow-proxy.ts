import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface SlowProxy {
  host: string;
  /** Bytes that came from the server so far. */
  received(): number;
  close(): void;
}

/** A TCP proxy on loopback that counts what comes back, lets so many bytes through a second, and cuts when the server does. */
export async function slowProxy(port: number, bytesPerSecond: number): Promise<SlowProxy> {
  let received = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    open.add(client).add(upstream);
    client.pipe(upstream);
    upstream.on("data", (piece) => {
      received += piece.length;
      upstream.pause();
      // Nothing more before this has gone: what waits here when the server dies would be lost.
      client.write(piece, () => setTimeout(() => upstream.resume(), (piece.length / bytesPerSecond) * 1000));
    });
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", cut).on("close", cut);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    received: () => received,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
