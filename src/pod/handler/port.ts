import { type Container, resolvePort } from "../../manifest/index.ts";

/** The number behind a port of a handler. @throws Error in the kubelet's words when there is none. */
export function handlerPort(port: number | string, container: Container): number {
  const number = resolvePort(port, container) ?? parsed(port);
  if (number > 0 && number < 65536) return number;
  throw new Error(`invalid port number: ${number}`);
}

/** A name that no port has is tried as digits, as the kubelet does. */
function parsed(port: number | string): number {
  if (/^[+-]?\d+$/.test(String(port))) return Number(port);
  throw new Error(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
}
