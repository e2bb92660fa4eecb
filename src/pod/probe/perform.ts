import type { Probe } from "../../manifest/index.ts";
import { Aborted } from "../handler/deadline.ts";
import type { HandlerTarget, Limits, Verdict } from "../handler/target.ts";

/** How often a probe that finds nothing out is made before it is given up for this turn. */
const TRIES = 3;

/** One turn of a probe. @throws the last error, when nothing was found out; Aborted */
export async function performProbe(
  target: HandlerTarget,
  probe: Probe,
  signal: AbortSignal,
): Promise<Verdict> {
  const limits = { timeoutMs: (probe.timeoutSeconds ?? 1) * 1000, signal };
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(target, probe, limits);
    } catch (error) {
      if (tries === TRIES || error instanceof Aborted || signal.aborted) throw error;
    }
  }
}

/** Each way is loaded by the first probe that goes it. */
async function attempt(target: HandlerTarget, probe: Probe, limits: Limits): Promise<Verdict> {
  if (probe.exec) {
    const { execProbe } = await import("../handler/exec.ts");
    return execProbe(target, probe.exec.command ?? [], limits);
  }
  if (probe.httpGet) {
    const { httpProbe } = await import("../handler/http-probe.ts");
    return httpProbe(target, probe.httpGet, limits);
  }
  if (probe.tcpSocket) {
    const { tcpProbe } = await import("../handler/tcp.ts");
    const { handlerPort } = await import("../handler/port.ts");
    const { host, port } = probe.tcpSocket;
    return tcpProbe(host || target.podIP, handlerPort(port, target.container), limits);
  }
  if (probe.grpc) {
    const { grpcProbe } = await import("../handler/grpc.ts");
    const { port, service } = probe.grpc;
    return grpcProbe(target.podIP, { port, service: service ?? "" }, limits);
  }
  throw new Error(`missing probe handler for ${target.pod.name}:${target.container.name}`);
}
