import { codeOf } from "../../errors/errno.ts";
import type { Reference } from "../reference.ts";
import { secureContextFor } from "./authorities.ts";
import { type RegistriesConfig, settingsOf } from "./config.ts";
import { type Credential, credentialsFor, type DockerConfig } from "./credentials.ts";
import { type HttpRequest, httpRequest } from "./http.ts";
import { isLoopback } from "./proxy.ts";
import { Session } from "./session.ts";

export interface Connection {
  reference: Reference;
  config: RegistriesConfig;
  /** Of the pod's imagePullSecrets, in their order. */
  secrets: DockerConfig[];
  /** Of this machine. */
  own: DockerConfig[];
}

/** Sessions to try in order: the mirrors of the registry, then the registry itself. */
export async function connect({ reference, config, secrets, own }: Connection): Promise<Session[]> {
  const { registry, repository } = reference;
  const settings = settingsOf(config, registry);
  const sessions: Session[] = [];
  for (const mirror of settings.mirrors) {
    const base = new URL(mirror.includes("://") ? mirror : `https://${mirror}`);
    sessions.push(
      await open(base, repository, config, await credentialsFor(base.host, repository, secrets, own)),
    );
  }
  const credentials = await credentialsFor(registry, repository, secrets, own);
  const base = await baseOf(registry, config);
  sessions.push(await open(base, repository, config, credentials));
  return sessions;
}

async function open(
  base: URL,
  repository: string,
  config: RegistriesConfig,
  credentials: Credential[],
): Promise<Session> {
  return new Session({ base, repository, credentials, tls: await tlsOf(base, config) });
}

/** Docker Hub's registry answers under another name than the one images carry. */
async function baseOf(registry: string, config: RegistriesConfig): Promise<URL> {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  if (settingsOf(config, registry).plainHttp) return new URL(`http://${host}`);
  const secure = new URL(`https://${host}`);
  if (!isLoopback(secure.hostname)) return secure;
  return (await speaksTls(secure, await tlsOf(secure, config))) ? secure : new URL(`http://${host}`);
}

/** A registry on this machine's own loopback may well have no TLS; whoever could listen there is on the machine. */
async function speaksTls(url: URL, tls: HttpRequest["tls"]): Promise<boolean> {
  try {
    (await httpRequest({ url: new URL("/v2/", url), ...(tls && { tls }) })).resume();
    return true;
  } catch (error) {
    const code = codeOf(error) ?? "";
    return !(code === "EPROTO" || code.startsWith("ERR_SSL") || code === "ECONNRESET");
  }
}

async function tlsOf({ protocol, host }: URL, config: RegistriesConfig): Promise<HttpRequest["tls"]> {
  if (protocol !== "https:") return undefined;
  const { caFile, skipTlsVerify } = settingsOf(config, host);
  return { rejectUnauthorized: !skipTlsVerify, secureContext: await secureContextFor(host, caFile) };
}
