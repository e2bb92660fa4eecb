// A program on either end of a connection, run inside a network namespace.
//   probe.mjs serve NAME ADDRESS PORT   answers TCP and UDP with "NAME heard ADDRESS-OF-THE-OTHER"
//   probe.mjs ask tcp|udp ADDRESS PORT FROM PATIENCE
//                                       prints the answer; exit code 1 and nothing if none comes in so many ms
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const [mode, ...rest] = process.argv.slice(2);

if (mode === "serve") {
  const [name, address, port] = rest;
  createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`${name} heard ${socket.remoteAddress}`);
  }).listen(Number(port), address, () => {
    const udp = createSocket("udp4");
    udp.on("message", (_, from) => udp.send(`${name} heard ${from.address}`, from.port, from.address));
    udp.bind(Number(port), address, () => process.stdout.write("ready\n"));
  });
} else {
  const [protocol, address, port, from, patience] = rest;
  setTimeout(() => process.exit(1), Number(patience));
  const answer = (text) => process.stdout.write(String(text), () => process.exit(0));
  if (protocol === "tcp") {
    connect(Number(port), address)
      .on("data", answer)
      .on("error", () => process.exit(1));
  } else {
    const udp = createSocket("udp4");
    udp.on("message", answer).on("error", () => process.exit(1));
    udp.bind(Number(from), () => udp.send("hello", Number(port), address));
  }
}
