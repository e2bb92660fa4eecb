import { isIP, type Socket } from "node:net";

export interface Proxy {
  url: URL;
  headers: Record<string, string>;
}

/**
 * The proxy for a URL by http_proxy, https_proxy and no_proxy (in either case), as curl reads them; none for
 * loopback.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv = process.env): Proxy | undefined {
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const value = env[name] || env[name.toUpperCase()] || env.all_proxy || env.ALL_PROXY;
  if (!value || isLoopback(url.hostname) || isExcluded(url, env.no_proxy || env.NO_PROXY || ""))
    return undefined;
  const proxy = new URL(value.includes("://") ? value : `http://${value}`);
  const user = decodeURIComponent(proxy.username);
  const headers: Record<string, string> = {};
  if (user !== "")
    headers["proxy-authorization"] =
      `Basic ${Buffer.from(`${user}:${decodeURIComponent(proxy.password)}`).toString("base64")}`;
  return { url: proxy, headers };
}

/** `localhost`, 127.0.0.0/8 and ::1. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."))
  );
}

function isExcluded(url: URL, list: string): boolean {
  return list.split(/[\s,]+/).some((rule) => {
    if (rule === "") return false;
    if (rule === "*") return true;
    const [host = "", port] = rule.replace(/^\*?\./, "").split(":");
    const isPort = port === undefined || port === url.port;
    return isPort && (url.hostname === host || url.hostname.endsWith(`.${host}`));
  });
}

/** A tunnel by CONNECT (RFC 9110, section 9.3.6). */
export async function connectThrough(proxy: Proxy, url: URL, timeoutMs: number): Promise<Socket> {
  const { request } = await import("node:http");
  const path = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const connect = request({
      method: "CONNECT",
      host: proxy.url.hostname,
      port: proxy.url.port || 80,
      path,
      headers: { host: path, ...proxy.headers },
      timeout: timeoutMs,
      agent: false,
    });
    connect.on("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.url.host} answered ${response.statusCode} for ${path}`));
    });
    connect.on("timeout", () => connect.destroy(new Error(`no answer from the proxy ${proxy.url.host}`)));
    connect.on("error", reject);
    connect.end();
  });
}
