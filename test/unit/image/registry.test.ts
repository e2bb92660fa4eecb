import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseChallenges } from "../../../src/image/registry/challenge.ts";
import { readRegistriesConfig } from "../../../src/image/registry/config.ts";
import { credentialsFor } from "../../../src/image/registry/credentials.ts";
import { proxyFor } from "../../../src/image/registry/proxy.ts";
import { parseSource, sourceName } from "../../../src/image/sources/parse-source.ts";

describe("credentials", () => {
  const login = (username: string) => ({ username, password: "p" });
  const find = async (host: string, repository: string, auths: Record<string, object>) =>
    (await credentialsFor(host, repository, [{ auths }], [])).map((credential) =>
      credential.kind === "password" ? credential.username : credential.token,
    );

  it("match by host, port and path, the longest path first, as the kubelet has it", async () => {
    const auths = {
      "r.io": login("host"),
      "r.io/a": login("path"),
      "https://r.io/a/b": login("deep"),
      "r.io/ab": login("other"),
      "r.io:5000": login("port"),
    };
    expect(await find("r.io", "a/b/c", auths)).toEqual(["deep", "path", "host"]);
    expect(await find("r.io", "x", auths)).toEqual(["host"]);
    expect(await find("r.io:5000", "a", auths)).toEqual(["port"]);
    expect(await find("evil-r.io", "a", auths)).toEqual([]);
  });

  it("a star stands for one label only", async () => {
    const auths = { "*.k.io": login("star") };
    expect(await find("a.k.io", "x", auths)).toEqual(["star"]);
    expect(await find("a.b.k.io", "x", auths)).toEqual([]);
    expect(await find("k.io", "x", auths)).toEqual([]);
    expect(await find("aXkXio", "x", auths)).toEqual([]);
  });

  it("Docker Hub goes by its old name", async () => {
    expect(
      await find("docker.io", "library/nginx", {
        "https://index.docker.io/v1/": { auth: Buffer.from("jane:p:q").toString("base64") },
      }),
    ).toEqual(["jane"]);
  });

  it("a pod's secret cannot name a program to run", async () => {
    expect(
      await credentialsFor("r.io", "x", [{ credsStore: "evil", credHelpers: { "r.io": "evil" } }], []),
    ).toEqual([]);
  });
});

describe("challenges", () => {
  it.each([
    [
      'Bearer realm="https://a/token",service="r.io",scope="repository:a:pull,push"',
      [{ scheme: "bearer", realm: "https://a/token", service: "r.io", scope: "repository:a:pull,push" }],
    ],
    ['Basic realm="x"', [{ scheme: "basic" }]],
    [
      'Basic realm="a, b", Bearer realm="https://a"',
      [{ scheme: "basic" }, { scheme: "bearer", realm: "https://a" }],
    ],
    ["bearer Realm=https://a", [{ scheme: "bearer", realm: "https://a" }]],
    ['Negotiate abc, Bearer service="no realm"', []],
    ["", []],
  ])("%s", (header, wanted) => {
    expect(parseChallenges(header)).toEqual(wanted);
  });
});

describe("proxies", () => {
  const of = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.url.host;
  it("come from the environment, by scheme, in either case", () => {
    expect(of("https://r.io", { https_proxy: "http://p:1" })).toBe("p:1");
    expect(of("https://r.io", { HTTPS_PROXY: "p:1" })).toBe("p:1");
    expect(of("http://r.io", { https_proxy: "http://p:1" })).toBeUndefined();
  });
  it.each(["r.io", ".io", "*.io", "x,r.io:443 y", "*"])("no_proxy=%s leaves r.io out", (no_proxy) => {
    expect(
      of("https://r.io:443", { https_proxy: "p:1", no_proxy: no_proxy.replace(":443", "") }),
    ).toBeUndefined();
  });
  it("never for loopback; a password goes to the proxy", () => {
    expect(of("https://127.0.0.1:5000", { https_proxy: "p:1" })).toBeUndefined();
    expect(proxyFor(new URL("https://r.io"), { https_proxy: "http://u:p%40@p:1" })?.headers).toEqual({
      "proxy-authorization": `Basic ${Buffer.from("u:p@").toString("base64")}`,
    });
  });
});

describe("registries.json", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tspod-registries-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (text: string) => {
    writeFileSync(join(folder, "r.json"), text);
    return readRegistriesConfig(join(folder, "r.json"));
  };

  it("has defaults, and may be missing", () => {
    expect(readRegistriesConfig(join(folder, "none"))).toMatchObject({
      defaultRegistry: "docker.io",
      registries: {},
    });
    expect(read('{"defaultRegistry":"r.io"}')).toMatchObject({ defaultRegistry: "r.io", aliases: {} });
  });
  it.each(["{", '{"registry":{}}', '{"registries":{"r.io":{"mirror":[]}}}'])(
    "%s is an error that names the file",
    (text) => {
      expect(() => read(text)).toThrow(/r\.json cannot be used/);
    },
  );
});

describe("sources on this machine", () => {
  it.each([
    ["oci:/a/b", { kind: "oci", path: "/a/b" }],
    ["oci:/a/b:v1", { kind: "oci", path: "/a/b", ref: "v1" }],
    ["docker-archive:/a.tar:some/name:v1", { kind: "docker-archive", path: "/a.tar", ref: "some/name:v1" }],
    ["rootfs:/srv/a:b", { kind: "rootfs", path: "/srv/a:b" }],
  ])("%s", (text, source) => {
    expect(parseSource(text)).toEqual(source);
    expect(sourceName(parseSource(text)!)).toBe(text);
  });
  it.each(["nginx", "oci", "localhost:5000/x", "docker://x"])("%s is none", (text) => {
    expect(parseSource(text)).toBeUndefined();
  });
});
