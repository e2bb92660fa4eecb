import { podStatus } from "../pod/status.ts";
import type { PodSession } from "./core.ts";

/** How often readiness is looked at (ms); it comes and goes without any other sign. */
const POLL_MS = 200;

/** What a service manager is told (sd_notify(3)), when one has started this command and asks for it. */
export interface ServiceNotify {
  /** Says READY=1 as soon as all pods are ready; a pod that has run to its end has been. */
  whenReady(sessions: readonly PodSession[]): void;
  /** Says that the stop has begun; nothing is said after. */
  stopping(): void;
}

export async function serviceNotify(): Promise<ServiceNotify> {
  const socket = process.env.NOTIFY_SOCKET;
  // Nothing that this command starts is to speak for it.
  delete process.env.NOTIFY_SOCKET;
  if (!socket) return { whenReady: () => {}, stopping: () => {} };
  const { loadAddon } = await import("../kernel/load-addon.ts");
  const say = (message: string) => {
    try {
      loadAddon().sendDatagram(socket, message);
    } catch {
      // The manager has gone: there is nobody to tell.
    }
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    whenReady(sessions) {
      timer = setInterval(() => {
        if (!sessions.every(isReady)) return;
        clearInterval(timer);
        say(`READY=1\nSTATUS=${sessions.map(({ record }) => record.name).join(", ")}: ready`);
      }, POLL_MS);
    },
    stopping() {
      clearInterval(timer);
      say("STOPPING=1");
    },
  };
}

function isReady(session: PodSession): boolean {
  const { phase, conditions } = podStatus(session.view());
  if (phase === "Succeeded" || phase === "Failed") return true;
  return (conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}
