import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = (name: string) => async (script: string) =>
  await tspod.ok(["exec", name, "--", "sh", "-c", script]);
const stored = (kind: string, name: string) =>
  join(tspod.dir, "var/lib/tspod/objects", kind, "default", `${name}.json`);

function file(name: string, content: string | Buffer): string {
  const path = join(tspod.dir, name);
  writeFileSync(path, content);
  return path;
}

describe("a ConfigMap (S6)", () => {
  it("is kept, seen in a pod, and followed by it: whole volumes at once, subPath and variables not", async () => {
    const conf = file("nginx.conf", "events {}\n");
    expect(await tspod.ok(["create", "configmap", "nginx-config", `--from-file=${conf}`])).toBe(
      "configmap/nginx-config created\n",
    );
    expect(await tspod.ok(["get", "configmap", "nginx-config", "-o", "yaml"])).toMatch(
      /^apiVersion: v1\ndata:\n {2}nginx.conf: \|\n {4}events \{\}\nkind: ConfigMap\n/,
    );
    expect(statSync(stored("configmap", "nginx-config")).mode & 0o777).toBe(0o600);
    const volumeMounts = [
      { name: "conf", mountPath: "/etc/nginx" },
      { name: "conf", mountPath: "/one.conf", subPath: "nginx.conf" },
    ];
    const valueFrom = { configMapKeyRef: { name: "nginx-config", key: "nginx.conf" } };
    const container = idle("a", { volumeMounts, env: [{ name: "CONF", valueFrom }] });
    const volumes = [{ name: "conf", configMap: { name: "nginx-config" } }];
    await tspod.ok(["run", "-d", tspod.manifest(pod("web", [container], { volumes }))]);
    const web = inside("web");
    expect(await web("cat /etc/nginx/nginx.conf; readlink /etc/nginx/nginx.conf")).toBe(
      "events {}\n..data/nginx.conf\n",
    );
    expect(await web("stat -L -c %a /etc/nginx/nginx.conf")).toBe("644\n");
    const touch = await tspod.run(["exec", "web", "--", "touch", "/etc/nginx/x"]);
    expect(touch.stderr).toContain("Read-only file system");

    const changed = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "nginx-config" },
      data: { "nginx.conf": "worker 2\n", more: "new\n" },
    };
    const manifest = tspod.manifest(changed);
    expect(await tspod.ok(["apply", "-f", manifest])).toBe("configmap/nginx-config configured\n");
    expect(await web("cat /etc/nginx/nginx.conf")).toBe("worker 2\n");
    expect(await web("cat /etc/nginx/more /one.conf; cat /proc/1/environ | tr '\\0' '\\n'")).toMatch(
      /^new\nevents \{\}\n(.*\n)*CONF=events \{\}\n/,
    );
    const names = (await web("ls -A /etc/nginx")).trim().split("\n");
    expect(names.filter((name) => name.startsWith("..2"))).toHaveLength(1);
    expect(names.sort().slice(-3)).toEqual(["..data", "more", "nginx.conf"]);

    expect(await tspod.ok(["apply", "-f", manifest])).toBe("configmap/nginx-config unchanged\n");
    const less = tspod.manifest({ ...changed, data: { "nginx.conf": "worker 3\n" } });
    await tspod.ok(["apply", "-f", less]);
    expect(await web("ls /etc/nginx; cat /etc/nginx/nginx.conf")).toBe("nginx.conf\nworker 3\n");
    await tspod.ok(["rm", "-f", "web"]);
    await tspod.ok(["delete", "configmap", "nginx-config"]);
  });

  it("that lacks a key a volume needs leaves the volume as it is, and says so", async () => {
    const map = (data: object) =>
      tspod.manifest({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data });
    const volumes = [{ name: "v", configMap: { name: "c", items: [{ key: "a", path: "x" }] } }];
    const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    await tspod.ok(["run", "-d", map({ a: "1" }), tspod.manifest(pod("p", [container], { volumes }))]);
    const applied = await tspod.run(["apply", "-f", map({ b: "2" })]);
    expect(applied.code).toBe(0);
    expect(applied.stderr).toContain(
      'pod p: volume v keeps its content: MountVolume.SetUp failed for volume "v" : configmap references non-existent config key: a',
    );
    expect(await inside("p")("cat /v/x; ls -A /v | wc -l")).toBe("13\n");
    await tspod.ok(["rm", "-f", "p"]);
    await tspod.ok(["delete", "cm", "c"]);
  });

  it("that is deleted goes from optional volumes, stays in others, and holds the next start up", async () => {
    const map = tspod.manifest({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c" },
      data: { a: "1" },
    });
    await tspod.ok(["apply", "-f", map]);
    const volumes = [
      { name: "must", configMap: { name: "c" } },
      { name: "may", configMap: { name: "c", optional: true } },
    ];
    const mounts = { volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })) };
    const reader = sh("reader", "trap 'exit 1' TERM; touch /ready; while :; do sleep 0.1; done", {
      envFrom: [{ configMapRef: { name: "c" } }],
    });
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("p", [idle("a", mounts), reader], { volumes, restartPolicy: "Always" })),
    ]);
    const kept = 'MountVolume.SetUp failed for volume "must" : configmap "c" not found';
    const deleted = await tspod.run(["delete", "cm", "c"]);
    expect(deleted).toMatchObject({
      stdout: 'configmap "c" deleted\n',
      stderr: expect.stringContaining(`pod p: volume must keeps its content: ${kept}`),
    });
    expect(await inside("p")("ls /must /may")).toBe("/may:\n\n/must:\na\n");
    expect(await tspod.ok(["events", "p"])).toMatch(/Warning +FailedMount +Pod\/p +MountVolume.SetUp failed/);

    await tspod.ok([
      "exec",
      "p",
      "-c",
      "reader",
      "--",
      "sh",
      "-c",
      "until [ -e /ready ]; do sleep 0.1; done; kill 1",
    ]);
    await eventually(async () => (await tspod.ok(["ps"])).includes("CreateContainerConfigError"));
    await tspod.ok(["apply", "-f", map]);
    await tspod.ok(["wait", "--for=condition=Ready", "pod/p", "--timeout=300s"]);
    expect(await inside("p")("ls /must /may")).toBe("/may:\na\n\n/must:\na\n");
    await tspod.ok(["rm", "-f", "p"]);
    await tspod.ok(["delete", "cm", "c"]);
  });

  it("of the pod's own file wins over the stored one", async () => {
    await tspod.ok(["create", "configmap", "c", "--from-literal=k=stored"]);
    const own = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { k: "own" } };
    const volumes = [{ name: "v", configMap: { name: "c" } }];
    const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    await tspod.ok(["run", "-d", tspod.manifest(own), tspod.manifest(pod("p", [container], { volumes }))]);
    expect(await inside("p")("cat /v/k")).toBe("own");
    await tspod.ok(["rm", "-f", "p"]);
    await tspod.ok(["delete", "configmap", "c"]);
  });
});

describe("create", () => {
  const dangling = join(tspod.dir, "dangling");
  mkdirSync(dangling);
  symlinkSync("nowhere", join(dangling, "gone"));
  const foreign = file("foreign.env", Buffer.from("A=1\nB=gr\xfcn\n", "latin1"));

  it("takes files, folders, literals and environment files as kubectl does", async () => {
    const env = file("app.env", "# comment\nA=1\n\nB=two words\n");
    const raw = file("raw", "");
    writeFileSync(raw, Buffer.from([0, 255, 1]));
    const literals = ["--from-literal=x=y=z", `--from-file=key=${env}`, `--from-file=${raw}`];
    const made = await tspod.ok(["create", "cm", "c", ...literals, "--dry-run=client", "-o", "json"]);
    expect(JSON.parse(made)).toMatchObject({
      data: { x: "y=z", key: "# comment\nA=1\n\nB=two words\n" },
      binaryData: { raw: "AP8B" },
    });
    const secret = ["create", "secret", "generic", "s", `--from-env-file=${env}`, "--dry-run", "-o", "json"];
    expect(JSON.parse(await tspod.ok(secret))).toMatchObject({
      type: "Opaque",
      data: { A: "MQ==", B: "dHdvIHdvcmRz" },
    });
    expect(existsSync(join(tspod.dir, "var/lib/tspod/objects"))).toBe(false);
  });

  it.each([
    [["cm", "c", "--from-file=/nope"], "no such file or directory"],
    [["cm", "c", "--from-literal=novalue"], "invalid literal source novalue, expected key=value"],
    [["cm", "c", "--from-literal=a=1", "--from-literal=a=2"], "another key by that name already exists"],
    [["cm", "c", "--from-literal=a b=1"], "a valid config key must consist of"],
    [["cm", "c", `--from-file=${dangling}`], `error reading ${dangling}/gone: no such file or directory`],
    [["cm", "c", `--from-env-file=${foreign}`], `env file ${foreign} contains invalid utf-8 bytes at line 2`],
    [["cm", "No_Name", "--from-literal=a=1"], "a lowercase RFC 1123 subdomain must consist of"],
  ])("refuses %j", async (args, words) => {
    const { code, stderr } = await tspod.run(["create", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it("and apply and delete keep Kubernetes' rules", async () => {
    await tspod.ok(["create", "secret", "generic", "s", "--from-literal=a=1"]);
    const again = await tspod.run(["create", "secret", "generic", "s", "--from-literal=a=1"]);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining('secrets "s" already exists')]);
    const typed = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, type: "my/type" };
    expect((await tspod.run(["apply", "-f", tspod.manifest(typed)])).stderr).toContain(
      'type: Invalid value: "my/type": field is immutable',
    );
    const fixed = (k: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "fixed" },
      immutable: true,
      data: { k },
    });
    await tspod.ok(["apply", "-f", tspod.manifest(fixed("1"))]);
    const refused = await tspod.run(["apply", "-f", tspod.manifest(fixed("2"))]);
    expect(refused.stderr).toContain("data: Forbidden: field is immutable when `immutable` is set");
    expect(await tspod.ok(["delete", "secret/s"])).toBe('secret "s" deleted\n');
    await tspod.ok(["delete", "configmap", "--all"]);
    const gone = await tspod.run(["delete", "secret", "s"]);
    expect([gone.code, gone.stderr]).toEqual([4, expect.stringContaining('secrets "s" not found')]);
    expect(await tspod.ok(["delete", "secret", "s", "--ignore-not-found"])).toBe("");
  });
});

describe("a claim", () => {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  };
  const user = (name: string, spec: object = {}, source: object = {}) =>
    tspod.manifest(
      pod(name, [idle("a", { volumeMounts: [{ name: "v", mountPath: "/data" }] })], {
        volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data", ...source } }],
        ...spec,
      }),
    );

  it("keeps its data when the pod goes, until it is deleted itself", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(claim), user("one")]);
    await inside("one")("echo kept > /data/file; chown 1000:1000 /data/file; chmod 600 /data/file");
    await tspod.ok(["rm", "-f", "one"]);
    expect(await tspod.ok(["get", "pvc", "--no-headers"])).toMatch(
      /^data +Bound +default\/data +1Gi +RWO +\d+s\n$/,
    );
    // The second pod's file has no claim: the stored one is it.
    await tspod.ok(["run", "-d", user("two", { securityContext: { fsGroup: 2000 } }, { readOnly: false })]);
    const two = inside("two");
    expect(await two("cat /data/file; stat -c '%u %g %a' /data/file /data")).toBe(
      "kept\n1000 2000 660\n0 2000 2777\n",
    );
    const busy = await tspod.run(["delete", "pvc", "data"]);
    expect([busy.code, busy.stderr]).toEqual([5, expect.stringContaining('is used by pod "two"')]);
    await tspod.ok(["rm", "-f", "two"]);
    await tspod.ok(["run", "-d", user("three", {}, { readOnly: true })]);
    const write = await tspod.run(["exec", "three", "--", "touch", "/data/x"]);
    expect(write.stderr).toContain("Read-only file system");
    await tspod.ok(["rm", "-f", "three"]);
    expect(await tspod.ok(["delete", "pvc", "data"])).toBe('persistentvolumeclaim "data" deleted\n');
    expect(existsSync(join(tspod.dir, "var/lib/tspod/volumes"))).toBe(false);
  });

  it("that is not there is an error before anything is made", async () => {
    const { code, stderr } = await tspod.run(["run", "-d", user("none")]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'MountVolume.SetUp failed for volume "v" : persistentvolumeclaim "data" not found',
    );
  });

  it("of an ephemeral volume is called POD-VOLUME and goes with the pod", async () => {
    const volumes = [{ name: "scratch", ephemeral: { volumeClaimTemplate: { spec: claim.spec } } }];
    const container = idle("a", { volumeMounts: [{ name: "scratch", mountPath: "/s" }] });
    const manifest = tspod.manifest(pod("eph", [container], { volumes }));
    await tspod.ok(["run", "-d", manifest]);
    await inside("eph")("echo x > /s/x");
    expect(await tspod.ok(["get", "pvc", "-o", "name"])).toBe("persistentvolumeclaim/eph-scratch\n");
    const folder = join(tspod.dir, "var/lib/tspod/volumes/default");
    expect(readdirSync(join(folder, "eph-scratch"))).toEqual(["x"]);
    await tspod.ok(["rm", "-f", "eph"]);
    expect(existsSync(folder)).toBe(false);

    await tspod.ok(["apply", "-f", tspod.manifest({ ...claim, metadata: { name: "eph-scratch" } })]);
    const taken = await tspod.run(["run", "-d", manifest]);
    expect([taken.code, taken.stderr]).toEqual([
      5,
      expect.stringContaining('PVC "default/eph-scratch" was not created for pod "default/eph"'),
    ]);
    await tspod.ok(["delete", "pvc", "eph-scratch"]);
  });
});
