import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HookFailed, runHook } from "../../src/pod/hook/index.ts";
import { get, servers, target } from "./support/loopback-pod.ts";

const { listening, serve } = servers();

describe("over TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "tspod-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  beforeAll(() => {
    const subject = ["-subj", "/CN=nobody", "-days", "1", "-nodes", "-newkey", "rsa:2048"];
    execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("believes any certificate", async () => {
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.end("secure"),
    );
    const port = await listening(server);
    expect(await get(port, { scheme: "HTTPS" })).toEqual({ result: "success", output: "secure" });
  });

  it("says that the server speaks plain HTTP", async () => {
    const port = await serve((_, response) => response.end());
    expect(await get(port, { scheme: "HTTPS" })).toEqual({
      result: "failure",
      output: `Get "https://127.0.0.1:${port}/": http: server gave HTTP response to HTTPS client`,
    });
  });

  it("of a hook, goes on in plain text without its credentials", async () => {
    let credentials: string | undefined = "not asked";
    const port = await serve((request, response) => {
      credentials = request.headers.authorization;
      response.end();
    });
    const httpHeaders = [{ name: "Authorization", value: "secret" }];
    await runHook(target, { httpGet: { port, path: "/", scheme: "HTTPS", httpHeaders } });
    expect(credentials).toBeUndefined();
  });
});

describe("an httpGet hook", () => {
  it("succeeds with any answer, and says who asks", async () => {
    let agent: string | undefined;
    const port = await serve((request, response) => {
      agent = request.headers["user-agent"];
      response.writeHead(500).end();
    });
    await runHook(target, { httpGet: { port, path: "/" } });
    expect(agent).toBe("kube-lifecycle/1.36");
  });

  it("succeeds with the beginning of an answer", async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": "100" }).write("begun");
      setTimeout(() => response.destroy(), 50);
    });
    await runHook(target, { httpGet: { port, path: "/" } });
  });

  it("fails without one", async () => {
    const port = await serve(() => {});
    const hook = runHook(target, { httpGet: { port, path: "/" } }, { timeoutMs: 200 });
    await expect(hook).rejects.toBeInstanceOf(HookFailed);
  });

  it("has no address in a pod without one", async () => {
    const hook = runHook({ ...target, podIP: "" }, { httpGet: { port: 80, path: "/" } });
    await expect(hook).rejects.toThrow("failed to find networking container");
  });
});
