import { connect } from "node:net";
import { Aborted, onCut } from "./deadline.ts";
import { dialError } from "./network-error.ts";
import type { Limits, Verdict } from "./target.ts";

/** `tcpSocket`: a connection that can be made is success; nothing is said over it. */
export function tcpProbe(host: string, port: number, limits: Limits): Promise<Verdict> {
  const address = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (verdict: Verdict) => {
      clock.clear();
      socket.destroy();
      resolve(verdict);
    };
    const clock = onCut(limits, (why) => {
      if (why === "timeout") return end({ result: "failure", output: `dial tcp ${address}: i/o timeout` });
      socket.destroy();
      reject(new Aborted());
    });
    socket.once("connect", () => end({ result: "success", output: "" }));
    socket.once("error", (error) => end({ result: "failure", output: dialError(error, address) }));
  });
}
