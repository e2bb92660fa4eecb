import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { formatIpv4, parseIpv4, parseSubnet, subnetContains, subnetSize } from "./ipv4.ts";

/**
 * The next free address after `last`, going round: an address is not given again before the whole pool went by,
 * so late packets and stale connections of a pod that has gone do not reach its successor.
 * The subnet's own address, the gateway (its first) and the broadcast address are never given.
 *
 * @param taken addresses in use
 * @param last the address given last, "" at the beginning
 */
export function pickAddress(subnet: string, taken: ReadonlySet<string>, last: string): string {
  const pool = parseSubnet(subnet);
  const first = 2;
  const count = subnetSize(pool) - 3;
  const previous = parseIpv4(last);
  const start =
    previous !== undefined && subnetContains(pool, previous) ? previous - pool.base + 1 - first : 0;
  for (let tried = 0; tried < count; tried++) {
    const address = formatIpv4(pool.base + first + ((start + tried) % count));
    if (!taken.has(address)) return address;
  }
  throw new TspodError({
    code: "TS4202",
    message: `all ${Math.max(count, 0)} addresses of ${subnet} are in use by pods`,
    hint: "`tspod ps -a -o wide` lists them; `tspod rm` frees one, `tspod gc` those whose pod is gone",
    exitCode: ExitCode.hostNotAble,
    path: subnet,
  });
}
