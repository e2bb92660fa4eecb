import type { HTTPGetAction } from "../../manifest/index.ts";
import { requestPath } from "./request-path.ts";
import { KUBERNETES_RELEASE } from "./target.ts";

export interface HttpTarget {
  secure: boolean;
  host: string;
  port: number;
  /** With its query. */
  path: string;
  headers: Map<string, string[]>;
}

/** What a manifest's httpGet asks for. `purpose` names us to the server: kube-probe, kube-lifecycle. */
export function httpTarget(
  action: HTTPGetAction,
  { podIP, port, purpose }: { podIP: string; port: number; purpose: "probe" | "lifecycle" },
): HttpTarget {
  const headers = new Map<string, string[]>();
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = canonical(name);
    headers.set(key, [...(headers.get(key) ?? []), value ?? ""]);
  }
  const defaults = { "User-Agent": `kube-${purpose}/${KUBERNETES_RELEASE}`, Accept: "*/*" };
  // Set to nothing, both are left out: the kubelet's client sends neither empty.
  for (const [name, value] of Object.entries(defaults)) {
    if (!headers.has(name)) headers.set(name, [value]);
    else if (headers.get(name)?.[0] === "") headers.delete(name);
  }
  return {
    secure: action.scheme?.toUpperCase() === "HTTPS",
    host: action.host || podIP,
    port,
    path: requestPath(action.path ?? ""),
    headers,
  };
}

/** `content-type` → `Content-Type`: names that differ in case alone are one header. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** `10.77.0.2:80`, `[::1]:80` */
export function hostHeader(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export function urlOf({ secure, host, port, path }: HttpTarget): string {
  return `${secure ? "https" : "http"}://${hostHeader(host, port)}${path}`;
}

/** Where an answer sends us; undefined when that is no place of HTTP. A Host header of the manifest stays for relative ones. */
export function redirected(from: HttpTarget, location: string): HttpTarget | undefined {
  let url: URL;
  try {
    url = new URL(location, urlOf(from));
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const secure = url.protocol === "https:";
  const headers = new Map(from.headers);
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) headers.delete("Host");
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 443 : 80)),
    path: `${url.pathname}${url.search}`,
    headers,
  };
}
