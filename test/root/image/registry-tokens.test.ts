import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agingProxy } from "../../support/image/aging-proxy.ts";
import { served } from "../../support/image/served.ts";
import { openStore } from "../../support/image/store.ts";
import { tar } from "../../support/image/tar.ts";
import { startTokenServer, type TokenServer } from "../../support/image/token-server.ts";

const work = served();

describe("a token server", () => {
  async function tokens(anonymous: boolean): Promise<TokenServer> {
    const server = await startTokenServer(join(work.path, "tokens"), anonymous);
    work.closing(() => server.close());
    return server;
  }
  const jane = (host: string, auth: object) => [{ auths: { [host]: auth } }];

  it("gives anonymous tokens, for this repository and for pulling only", async () => {
    const server = await tokens(true);
    const { host } = await work.serve(server.registryAuth, undefined, ["--dest-creds=jane:secret"]);
    server.asked.length = 0;
    await openStore(join(work.path, "s")).ensure(`${host}/r/i:1`, { pullPolicy: "Always" });
    expect(server.asked.map(({ parameters }) => parameters.get("scope"))).toEqual(["repository:r/i:pull"]);
    expect(server.asked[0]).toMatchObject({ method: "GET", authorization: undefined });
  });

  it("takes the password, or the identity token, and nothing else", async () => {
    const server = await tokens(false);
    const { host } = await work.serve(
      server.registryAuth,
      [tar({ name: "a" }), tar({ name: "b" })],
      ["--dest-creds=jane:secret"],
    );
    const pull = (name: string, auth: object) =>
      openStore(join(work.path, name)).ensure(`${host}/r/i:1`, {
        pullPolicy: "Always",
        pullSecrets: jane(host, auth),
      });
    await pull("a", { username: "jane", password: "secret" });
    server.asked.length = 0;
    await pull("b", { identitytoken: "refresh" });
    expect(server.asked[0]?.method).toBe("POST");
    await expect(pull("c", { username: "jane", password: "wrong" })).rejects.toMatchObject({
      code: "TS6005",
    });
    await expect(pull("d", {})).rejects.toMatchObject({ code: "TS6005" });
  });

  it("gives one new token when the old one expires under layers that come side by side", async () => {
    const server = await tokens(false);
    const layers = ["a", "b", "c"].map((name) => tar({ name }));
    const registry = await work.serve(server.registryAuth, layers, ["--dest-creds=jane:secret"]);
    // The registry allows a minute of difference between clocks.
    const expired = server.token("repository:r/i:pull", -61);
    // Manifest and config still pass with it.
    const proxy = await agingProxy(registry.port, { uses: 2, expired });
    work.closing(() => proxy.close());
    server.asked.length = 0;
    const image = await openStore(join(work.path, "s")).ensure(`${proxy.host}/r/i:1`, {
      pullPolicy: "Always",
      pullSecrets: jane(proxy.host, { username: "jane", password: "secret" }),
    });
    expect(image.layers).toHaveLength(3);
    expect(server.asked.map(({ parameters }) => parameters.get("scope"))).toEqual([
      "repository:r/i:pull",
      "repository:r/i:pull",
    ]);
    expect(proxy.answers.filter((status) => status === 401).length).toBeGreaterThan(2);
  });

  it("is asked no third time when the new token is no better", async () => {
    const server = await tokens(false);
    const registry = await work.serve(server.registryAuth, undefined, ["--dest-creds=jane:secret"]);
    const expired = server.token("repository:r/i:pull", -61);
    const proxy = await agingProxy(registry.port, { uses: 2, expired, always: true });
    work.closing(() => proxy.close());
    server.asked.length = 0;
    const pulling = openStore(join(work.path, "s")).ensure(`${proxy.host}/r/i:1`, {
      pullPolicy: "Always",
      pullSecrets: jane(proxy.host, { username: "jane", password: "secret" }),
    });
    await expect(pulling).rejects.toMatchObject({ code: "TS6005" });
    expect(server.asked).toHaveLength(2);
  });
});
