import { hasCode } from "../errors/errno.ts";
import { withShortPath } from "../kernel/short-path.ts";
import type { Host } from "../runtime/host.ts";
import { daemonPaths } from "../state/daemon-files.ts";
import { API_VERSION } from "./api.ts";

/** What `GET /v1/daemon` answers (docs/api.md). */
export interface DaemonStatus {
  pid: number;
  /** RFC 3339. */
  startedAt: string;
  /** The file of the code that it runs. */
  build: string;
  pods: number;
  rssBytes: number;
  cpuMicroseconds: number;
}

/** What the running daemon says of itself; undefined when there is none. */
export async function daemonStatus(host: Host): Promise<DaemonStatus | undefined> {
  return (await get(host, "daemon")) as DaemonStatus | undefined;
}

async function get({ paths }: Host, path: string): Promise<unknown> {
  try {
    return await withShortPath(daemonPaths(paths).socket, (address) => ask(address, path));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ECONNREFUSED")) return undefined;
    throw error;
  }
}

async function ask(socketPath: string, path: string): Promise<unknown> {
  const { request } = await import("node:http");
  return await new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/${API_VERSION}/${path}` }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    asked.on("error", reject);
    asked.end();
  });
}
