import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../support/image/store.ts";
import { tar } from "../../support/image/tar.ts";
import { sha256, workFolder } from "../../support/image/unpack.ts";

let work: ReturnType<typeof workFolder>;
let closers: (() => unknown)[];
beforeEach(() => {
  work = workFolder();
  closers = [() => work.remove()];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

describe("a registry that lies", () => {
  const layer = tar({ name: "a", data: "x" });
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      config: {},
      rootfs: { type: "layers", diff_ids: [sha256(layer)] },
    }),
  );
  const oci = "application/vnd.oci.image.";
  const manifest = {
    schemaVersion: 2,
    mediaType: `${oci}manifest.v1+json`,
    config: { mediaType: `${oci}config.v1+json`, digest: sha256(config), size: config.length },
    layers: [{ mediaType: `${oci}layer.v1.tar`, digest: sha256(layer), size: layer.length }],
  };
  const canary: string[] = [];

  async function listen(handler: RequestListener): Promise<{ host: string; server: Server }> {
    const server = createServer(handler).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { host: `127.0.0.1:${(server.address() as { port: number }).port}`, server };
  }

  /** Serves the honest image, except where `lie` answers. */
  async function lying(
    lie: (...args: Parameters<RequestListener>) => unknown,
    body: unknown = manifest,
    type = manifest.mediaType,
  ) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    return listen((request, response) => {
      if (lie(request, response) === true) return;
      if (request.url!.includes("/manifests/")) response.writeHead(200, { "content-type": type }).end(bytes);
      else if (request.url!.includes(sha256(config))) response.end(config);
      else if (request.url!.includes(sha256(layer))) response.end(layer);
      else response.writeHead(404).end();
    });
  }
  const honest = () => false;
  const pull = (host: string, options = {}) =>
    openStore(join(work.path, "s"), { retry: { attempts: 2, baseMs: 1 }, ...options }).ensure(
      `${host}/r/i:1`,
      {
        pullPolicy: "Always",
        pullSecrets: [{ auths: { [host]: { username: "jane", password: "secret" } } }],
      },
    );

  it("the honest image passes, so that the lies are what fails", async () => {
    await pull((await lying(honest)).host);
  });

  it.each<[string, () => Promise<{ host: string }>, RegExp]>([
    ["a manifest that is an index too", () => lying(honest, { ...manifest, manifests: [] }), /ambiguous/],
    [
      "a Content-Type that the document denies",
      () => lying(honest, manifest, `${oci}index.v1+json`),
      /calls itself/,
    ],
    ["a manifest of 50 MiB", () => lying(honest, Buffer.alloc(50 << 20, " ")), /longer than/],
    ["a manifest of schema 1", () => lying(honest, { schemaVersion: 1 }), /schemaVersion 1/],
    [
      "a layer of an unknown type",
      () => lying(honest, { ...manifest, layers: [{ ...manifest.layers[0], mediaType: "text/html" }] }),
      /text\/html, which cannot be unpacked/,
    ],
    [
      "a digest that is a path",
      () =>
        lying(honest, {
          ...manifest,
          layers: [{ ...manifest.layers[0], digest: "sha256:../../../etc/shadow" }],
        }),
      /not a digest/,
    ],
    [
      "a layer shorter than its descriptor says",
      () => lying(honest, { ...manifest, layers: [{ ...manifest.layers[0], size: layer.length + 1 }] }),
      /after 2048 of 2049 bytes/,
    ],
    [
      "a layer longer than its descriptor says",
      () => lying(honest, { ...manifest, layers: [{ ...manifest.layers[0], size: 100 }] }),
      /has 2048 bytes; its descriptor says 100/,
    ],
    [
      "a layer more than the config knows",
      () => lying(honest, { ...manifest, layers: [...manifest.layers, ...manifest.layers] }),
      /names 1 layers; the manifest has 2/,
    ],
    ["no JSON", () => lying(honest, Buffer.from("<html>")), /is not JSON/],
    [
      "a digest header of something else",
      () =>
        lying(
          (request, response) =>
            void (
              request.url!.includes("/manifests/") &&
              response.setHeader("docker-content-digest", sha256(Buffer.from("x")))
            ),
        ),
      /does not match its digest/,
    ],
    [
      "redirects in a ring",
      () =>
        lying(
          (request, response) =>
            request.url!.includes("/blobs/") &&
            Boolean(response.writeHead(307, { location: request.url }).end()),
        ),
      /redirects more than 5 times/,
    ],
    [
      "a redirect to the machine's metadata service",
      () =>
        lying(
          (request, response) =>
            request.url!.includes("/blobs/") &&
            Boolean(response.writeHead(307, { location: "http://169.254.169.254/latest/meta-data" }).end()),
        ),
      /link-local/,
    ],
    [
      "a redirect to a file",
      () =>
        lying(
          (request, response) =>
            request.url!.includes("/blobs/") &&
            Boolean(response.writeHead(307, { location: "file:///etc/passwd" }).end()),
        ),
      /not secure; refused/,
    ],
  ])("%s", async (_what, start, message) => {
    const { host } = await start();
    await expect(pull(host)).rejects.toThrow(message);
    expect(existsSync(join(work.path, "s/lib/images/index.json"))).toBe(false);
    expect(readdirSync(join(work.path, "s/lib/layers"))).toEqual([]);
  });

  it("credentials do not follow a redirect to another host, and its challenge gets none", async () => {
    canary.length = 0;
    const other = await listen((request, response) => {
      canary.push(JSON.stringify(request.headers));
      response
        .writeHead(401, {
          "www-authenticate": `Basic realm="x", Bearer realm="http://${request.headers.host}/token"`,
        })
        .end();
    });
    const { host } = await lying((request, response) => {
      if (request.headers.authorization === undefined)
        return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end());
      if (!request.url!.includes(sha256(layer))) return false;
      return Boolean(response.writeHead(307, { location: `http://${other.host}/x` }).end());
    });
    await expect(pull(host)).rejects.toThrow(/answered 401/);
    expect(canary).toHaveLength(1);
    expect(canary[0]).not.toMatch(/authorization/i);
  });

  it("a password of one registry is not sent to another", async () => {
    const seen: (string | undefined)[] = [];
    const { host } = await lying((request, response) => {
      seen.push(request.headers.authorization);
      return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end());
    });
    const store = openStore(join(work.path, "s"));
    await expect(
      store.ensure(`${host}/r/i:1`, {
        pullPolicy: "Always",
        pullSecrets: [
          {
            auths: {
              "127.0.0.1:1": { username: "jane", password: "secret" },
              [`${host}/other`]: { username: "jane", password: "secret" },
            },
          },
        ],
      }),
    ).rejects.toMatchObject({ code: "TS6005" });
    expect(seen.every((value) => value === undefined)).toBe(true);
  });

  it("an overloaded registry is asked again, and a body without length is no lie", async () => {
    let busy = 2;
    const { host } = await lying((_request, response) => {
      if (busy-- > 0) return Boolean(response.writeHead(429, { "retry-after": "0" }).end());
      response.removeHeader("content-length");
      return false;
    });
    await pull(host, { retry: { attempts: 4, baseMs: 1 } });
  });

  it("what a registry says is printed without its control characters", async () => {
    const { host } = await lying((_request, response) =>
      Boolean(
        response.writeHead(404).end(JSON.stringify({ errors: [{ code: "X", message: "\x1b[31mred" }] })),
      ),
    );
    await expect(pull(host)).rejects.toThrow(/X: \?\[31mred/);
  });

  it("goes through the proxy that the environment names, and not for loopback", async () => {
    const seen: string[] = [];
    const proxy = await listen((request, response) => {
      seen.push(request.url!);
      response.writeHead(502).end();
    });
    const before = { ...process.env };
    try {
      process.env.http_proxy = `http://${proxy.host}`;
      const registries = { registries: { "registry.invalid": { plainHttp: true } } };
      await expect(
        openStore(join(work.path, "p"), { registries, retry: { attempts: 1, baseMs: 1 } }).ensure(
          "registry.invalid/r/i:1",
          { pullPolicy: "Always" },
        ),
      ).rejects.toThrow(/502/);
      expect(seen).toEqual(["http://registry.invalid/v2/r/i/manifests/1"]);
      await pull((await lying(honest)).host);
      expect(seen).toHaveLength(1);
    } finally {
      process.env = before;
    }
  });
});
