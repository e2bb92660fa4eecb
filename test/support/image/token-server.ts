import { execFileSync } from "node:child_process";
import { createSign, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

export interface TokenServer {
  realm: string;
  /** Lines for the registry's configuration. */
  registryAuth: string[];
  /** What came: method, query or form, and authorization. */
  asked: { method: string; parameters: URLSearchParams; authorization: string | undefined }[];
  /** A token for a scope, valid for so many seconds. */
  token(scope: string, seconds: number): string;
  close(): void;
}

const base64url = (value: string | Buffer) => Buffer.from(value).toString("base64url");

/** A token server for docker-registry (distribution's token specification): anonymous or jane:secret, or the refresh token "refresh". */
export async function startTokenServer(folder: string, allowAnonymous: boolean): Promise<TokenServer> {
  mkdirSync(folder, { recursive: true });
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      "t.key",
      "-out",
      "t.crt",
      "-subj",
      "/CN=tokens",
    ],
    { cwd: folder, stdio: "ignore" },
  );
  const certificate = readFileSync(join(folder, "t.crt"), "utf8").replace(/-----[^-]+-----|\s/g, "");
  const key = readFileSync(join(folder, "t.key"), "utf8");
  const makeToken = (scope: string, seconds: number): string => {
    const [type, name, actions] = scope.split(":");
    const now = Math.floor(Date.now() / 1000);
    const head = { typ: "JWT", alg: "RS256", x5c: [certificate] };
    const claims = {
      iss: "test",
      sub: "",
      aud: "registry",
      exp: now + seconds,
      nbf: now - 100,
      iat: now,
      jti: randomUUID(),
      access: [{ type, name, actions: actions?.split(",") }],
    };
    const unsigned = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(claims))}`;
    return `${unsigned}.${base64url(createSign("RSA-SHA256").update(unsigned).sign(key))}`;
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const parameters =
      request.method === "POST" ? new URLSearchParams(body) : new URL(request.url!, "http://x").searchParams;
    const { authorization } = request.headers;
    self.asked.push({ method: request.method!, parameters, authorization });
    const isJane =
      authorization === `Basic ${Buffer.from("jane:secret").toString("base64")}` ||
      parameters.get("refresh_token") === "refresh";
    if (!isJane && !(allowAnonymous && authorization === undefined)) return response.writeHead(401).end();
    const token = makeToken(parameters.get("scope") ?? "", 300);
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify(request.method === "POST" ? { access_token: token } : { token }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const realm = `http://127.0.0.1:${(server.address() as { port: number }).port}/token`;
  const self: TokenServer = {
    realm,
    registryAuth: [
      "auth:",
      "  token:",
      `    realm: ${realm}`,
      "    service: registry",
      "    issuer: test",
      `    rootcertbundle: ${folder}/t.crt`,
    ],
    asked: [],
    token: makeToken,
    close: () => server.close(),
  };
  return self;
}
