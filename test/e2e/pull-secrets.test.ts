import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Registry, startRegistry } from "../support/image/registry.ts";
import { checkout } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
let registry: Registry;
let image: string;
let env: Record<string, string>;

beforeAll(async () => {
  registry = await startRegistry(join(tspod.dir, "registry"), { tls: true, basic: "jane:s3cret" });
  image = `${registry.host}/private/busybox:1`;
  env = { NODE_EXTRA_CA_CERTS: registry.caFile };
  execFileSync("skopeo", [
    ...["copy", "-q", "--dest-tls-verify=false", "--dest-creds", "jane:s3cret"],
    ...[`oci:${checkout}/dist/images/busybox`, `docker://${image}`],
  ]);
});
afterAll(() => registry?.kill());

const fromRegistry = (more = {}) => idle("a", { image, imagePullPolicy: "Always", ...more });
const login = { username: "jane", password: "s3cret" };
const secret = (name: string, type: string, content: object) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  type: `kubernetes.io/${type}`,
  stringData: { [`.${type}`]: JSON.stringify(content) },
});
const documents = (...objects: object[]) =>
  tspod.manifest(objects.map((o) => JSON.stringify(o)).join("\n---\n"));

describe("imagePullSecrets, with a registry that asks for a password over TLS", () => {
  it("a pod without any is refused, with the place of the image and the way out", async () => {
    const manifest = tspod.manifest(pod("none", [fromRegistry()]));
    const { code, stderr } = await tspod.run(["run", "-d", manifest], { env });
    expect(code).toBe(1);
    expect(stderr).toContain("error[TS6005]");
    expect(stderr).toContain(`${registry.host} denies access to private/busybox without credentials`);
    expect(stderr).toMatch(/-->.*1.yaml:1:\d+ {2}\(spec.containers\[0\].image\)\n/);
    expect(stderr).toMatch(/imagePullSecrets/);
    expect(await tspod.ok(["ps", "-a"])).toBe("");
  });

  it("a registry's authority is believed for NODE_EXTRA_CA_CERTS alone", async () => {
    const { code, stderr } = await tspod.run(["image", "pull", image]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/TS6004.*unable to verify the first certificate/);
    expect(stderr).toContain("caFile in /etc/tspod/registries.json");
    const gone = await tspod.run(["image", "pull", image], { env: { NODE_EXTRA_CA_CERTS: "/no/such.pem" } });
    expect(gone.stderr).toContain("NODE_EXTRA_CA_CERTS: /no/such.pem cannot be read: ENOENT");
  });

  it("a secret of `create secret docker-registry` lets the image in", async () => {
    const flags = [`--docker-server=${registry.host}`, "--docker-username=jane", "--docker-password=s3cret"];
    expect(await tspod.ok(["create", "secret", "docker-registry", "login", ...flags])).toBe(
      "secret/login created\n",
    );
    const spec = { imagePullSecrets: [{ name: "login" }] };
    const outcome = await tspod.run(["run", "-d", tspod.manifest(pod("one", [fromRegistry()], spec))], {
      env,
    });
    expect(outcome).toMatchObject({ code: 0, stderr: expect.not.stringContaining("warning") });
    expect((await tspod.inspect("one")).status.containerStatuses[0].imageID).toMatch(/sha256:/);
    await tspod.ok(["rm", "-f", "one"]);
    await tspod.ok(["delete", "secret", "login"]);
  });

  it("the old type does too, from the pod's own file, and for images that volumes show", async () => {
    const spec = {
      imagePullSecrets: [{ name: "wrong" }, { name: "old" }],
      volumes: [{ name: "v", image: { reference: image, pullPolicy: "Always" } }],
    };
    const container = sh("a", "cat /v/etc/passwd", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    const wrong = secret("wrong", "dockerconfigjson", {
      auths: { [registry.host]: { ...login, password: "no" } },
    });
    const old = secret("old", "dockercfg", { [registry.host]: login });
    const file = documents(wrong, old, pod("two", [container], spec));
    const outcome = await tspod.run(["run", file], { env });
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining("root:x:0:0") });
  });

  it("one that is not there, or holds something else, is said; the pull is tried all the same", async () => {
    const spec = { imagePullSecrets: [{ name: "gone" }, { name: "other" }, { name: "right" }] };
    const other = { ...secret("other", "dockercfg", {}), type: "Opaque" };
    const right = secret("right", "dockerconfigjson", { auths: { [registry.host]: login } });
    const run = async (...secrets: object[]) =>
      await tspod.run(["run", documents(...secrets, pod("three", [sh("a", "true", { image })], spec))], {
        env,
      });
    expect(await run(other, right)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^warning: Unable to retrieve some image pull secrets \(gone\); attempting to pull the image may not succeed\.\nwarning: image pull secret "other" .* type Opaque/,
      ),
    });
  });

  it("credentials of another registry do not go to this one", async () => {
    const spec = { imagePullSecrets: [{ name: "elsewhere" }] };
    const elsewhere = secret("elsewhere", "dockerconfigjson", { auths: { "registry.example": login } });
    const outcome = await tspod.run(["run", documents(elsewhere, pod("four", [fromRegistry()], spec))], {
      env,
    });
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("TS6005") });
  });
});
