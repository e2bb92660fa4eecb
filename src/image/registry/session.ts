import type { IncomingMessage } from "node:http";
import { imageError } from "../errors.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credential } from "./credentials.ts";
import { type HttpRequest, httpRequest, readBody } from "./http.ts";

export interface SessionOptions {
  /** `https://registry.example:5000`, perhaps with a path that mirrors put before everything. */
  base: URL;
  repository: string;
  /** Tried in order; without any, the registry is asked as nobody. */
  credentials: Credential[];
  tls?: HttpRequest["tls"];
}

const MAX_REDIRECTS = 5;
const MAX_TOKEN_BYTES = 1 << 20;
const LINK_LOCAL = /^169\.254\.|^\[fe[89ab][0-9a-f]:/i;

/** Requests to one repository of one registry, with its authentication; credentials go to that registry alone. */
export class Session {
  readonly #options: SessionOptions;
  /** Not yet tried; `undefined` stands for nobody. */
  readonly #left: (Credential | undefined)[];
  #current: Credential | undefined;
  #authorization: string | undefined;
  /** The registry has let us in: a 401 now means that the token is too old. */
  #worked = false;
  /** A challenge that is being answered. */
  #answering: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#left = options.credentials.length > 0 ? [...options.credentials] : [undefined];
  }

  get host(): string {
    return this.#options.base.host;
  }

  /** GETs `/v2/<repository>/<path>`; answers challenges and follows redirects. The status may be any but 401. */
  async get(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
    const { base, repository } = this.#options;
    const url = new URL(`${base.href.replace(/\/$/, "")}/v2/${repository}/${path}`);
    for (let renewed = false; ; ) {
      const authorization = this.#authorization;
      const response = await this.#send(url, { ...headers, ...(authorization && { authorization }) });
      const { statusCode } = response;
      if (
        statusCode !== 401 &&
        !(statusCode === 403 && authorization !== undefined && this.#left.length > 0)
      ) {
        this.#worked = true;
        return this.#follow(url, response, headers);
      }
      response.resume();
      // Another request has renewed the token meanwhile.
      if (authorization !== this.#authorization) continue;
      // A token expires under all the layers that are on their way: one new one serves them all.
      this.#answering ??= this.#answer(response, url, this.#worked && !renewed).finally(() => {
        this.#answering = undefined;
      });
      await this.#answering;
      renewed = true;
    }
  }

  #send(url: URL, headers: Record<string, string>): Promise<IncomingMessage> {
    const { tls } = this.#options;
    return httpRequest({ url, headers, ...(tls && { tls }) });
  }

  /**
   * Redirects lead to storage. The registry's credentials stay behind when the host changes, TLS is not given up, and
   * a machine's own metadata service is no place for layers.
   */
  async #follow(
    from: URL,
    first: IncomingMessage,
    headers: Record<string, string>,
  ): Promise<IncomingMessage> {
    let url = from;
    let response = first;
    for (let i = 0; i < MAX_REDIRECTS; i++) {
      const { statusCode = 0, headers: answered } = response;
      if (![301, 302, 303, 307, 308].includes(statusCode) || answered.location === undefined) return response;
      response.resume();
      const next = new URL(answered.location, url);
      if (next.protocol !== "https:" && !(next.protocol === "http:" && from.protocol === "http:"))
        throw this.#refused(`redirects to ${next.protocol}//${next.host}, which is not secure`);
      if (LINK_LOCAL.test(next.hostname))
        throw this.#refused(`redirects to the link-local address ${next.hostname}`);
      const isSame = next.host === from.host && next.protocol === from.protocol;
      const authorization = isSame ? this.#authorization : undefined;
      response = await this.#send(next, { ...headers, ...(authorization && { authorization }) });
      url = next;
    }
    throw this.#refused(`redirects more than ${MAX_REDIRECTS} times`);
  }

  /** Only a challenge of the registry itself comes here: one from a redirect's target gets nothing (CVE-2020-15157). */
  async #answer(response: IncomingMessage, url: URL, renew: boolean): Promise<void> {
    const challenges = parseChallenges(String(response.headers["www-authenticate"] ?? ""));
    if (renew) this.#left.unshift(this.#current);
    this.#worked = false;
    while (this.#left.length > 0) {
      this.#current = this.#left.shift();
      for (const challenge of challenges) {
        const authorization = await this.#authorize(challenge, this.#current, url);
        if (authorization === undefined) continue;
        this.#authorization = authorization;
        return;
      }
    }
    const { credentials } = this.#options;
    throw imageError(
      "registryDenied",
      `${this.host} denies access to ${this.#options.repository}${credentials.length === 0 ? " without credentials" : ""}`,
      {
        hint:
          credentials.length === 0
            ? "give credentials: `docker login`, or imagePullSecrets in the manifest; or the name is misspelt"
            : "check the credentials and the name",
      },
    );
  }

  async #authorize(
    challenge: Challenge,
    credential: Credential | undefined,
    url: URL,
  ): Promise<string | undefined> {
    if (challenge.scheme === "bearer") return this.#token(challenge, credential, url);
    if (credential?.kind !== "password") return undefined;
    return basic(credential);
  }

  async #token(
    challenge: Challenge & { scheme: "bearer" },
    credential: Credential | undefined,
    from: URL,
  ): Promise<string | undefined> {
    const realm = new URL(challenge.realm, from);
    if (realm.protocol !== "https:" && from.protocol === "https:")
      throw this.#refused(`sends to ${realm.host} for a token, without TLS`);
    const scope = challenge.scope ?? `repository:${this.#options.repository}:pull`;
    const response = await this.#askToken(realm, scope, challenge.service, credential);
    if (response.statusCode !== 200) {
      response.resume();
      if (response.statusCode === 401 || response.statusCode === 403 || response.statusCode === 400)
        return undefined;
      throw imageError("pullFailed", `${realm.host} answered ${response.statusCode} when asked for a token`);
    }
    const { token, access_token } = JSON.parse(
      (await readBody(response, MAX_TOKEN_BYTES)).toString("utf8"),
    ) as Record<string, unknown>;
    const value = token ?? access_token;
    return typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? `Bearer ${value}` : undefined;
  }

  #askToken(
    realm: URL,
    scope: string,
    service: string | undefined,
    credential: Credential | undefined,
  ): Promise<IncomingMessage> {
    const { tls } = this.#options;
    const more = { ...(tls && { tls }) };
    if (credential?.kind === "identity") {
      const form = new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: credential.token,
        client_id: "tspod",
        scope,
        service: service ?? "",
      });
      return httpRequest({
        url: realm,
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: form.toString(),
        ...more,
      });
    }
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", scope);
    const headers: Record<string, string> =
      credential === undefined ? {} : { authorization: basic(credential) };
    return httpRequest({ url, headers, ...more });
  }

  #refused(what: string): Error {
    return imageError("pullFailed", `${this.host} ${what}; refused`);
  }
}

function basic({ username, password }: Credential & { kind: "password" }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
