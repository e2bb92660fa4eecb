import { execFileSync } from "node:child_process";
import { chownSync, readFileSync, statSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const claim = (name: string, spec: object = {}) =>
  tspod.manifest({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } }, ...spec },
  });
const mounted = { volumeMounts: [{ name: "v", mountPath: "/v" }] };

// Fields that the other end-to-end tests pass by.

describe("of a container", () => {
  it("tty gives it a terminal", async () => {
    const script = "test -t 0 && test -t 1 && tty; echo $TERM";
    const { code, stdout } = await tspod.run([
      "run",
      "-q",
      tspod.manifest(pod("p", [sh("a", script, { tty: true }), sh("b", "test -t 1 || echo none")])),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/a +\| \/dev\/(console|pts\/0)/);
    expect(stdout).toMatch(/a +\| xterm/);
    expect(stdout).toMatch(/b +\| none/);
  });

  it("procMount Unmasked shows all of /proc, where the pod has users of its own", async () => {
    const covered = (procMount: string) =>
      sh("a", "grep -c ' /proc/' /proc/self/mountinfo; true", { securityContext: { procMount } });
    const count = async (procMount: string, spec: object) => {
      const { stdout } = await tspod.run(["run", "-q", tspod.manifest(pod("p", [covered(procMount)], spec))]);
      return Number(/(\d+)\s*$/.exec(stdout)?.[1]);
    };
    expect(await count("Unmasked", { hostUsers: false })).toBe(0);
    expect(await count("Default", { hostUsers: false })).toBeGreaterThan(5);
  });

  it("probes' scheme HTTPS is TLS with any certificate, and their host another address", async () => {
    const key = join(tspod.dir, "key.pem");
    const cert = join(tspod.dir, "cert.pem");
    execFileSync(
      "openssl",
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "1",
        ],
        ...["-subj", "/CN=nobody", "-keyout", key, "-out", cert],
      ],
      { stdio: "ignore" },
    );
    const asked: string[] = [];
    const https = createHttpsServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (request, response) => {
        asked.push(`${request.url}`);
        response.end("ok");
      },
    );
    let connections = 0;
    const tcp = createServer((socket) => {
      connections += 1;
      socket.end();
    });
    const listen = (server: Server) =>
      new Promise<number>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
      );
    const [secure, plain] = [await listen(https), await listen(tcp)];
    try {
      const probe = (handler: object) => ({ readinessProbe: { ...handler, periodSeconds: 1 } });
      const containers = [
        idle("a", probe({ httpGet: { scheme: "HTTPS", host: "127.0.0.1", port: secure, path: "/health" } })),
        idle("b", probe({ tcpSocket: { host: "127.0.0.1", port: plain } })),
      ];
      await tspod.ok(["run", "-d", tspod.manifest(pod("p", containers, { hostNetwork: true }))]);
      await eventually(async () => {
        const { status } = await tspod.inspect("p");
        return status.containerStatuses.every(({ ready }: { ready: boolean }) => ready);
      });
      expect(asked[0]).toBe("/health");
      expect(connections).toBeGreaterThan(0);
    } finally {
      https.close();
      tcp.close();
    }
    await tspod.ok(["rm", "-f", "p"]);
  });
});

describe("of a volume", () => {
  it("the downward API's defaultMode, and projected sources that may be missing", async () => {
    const about = { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }], defaultMode: 0o440 };
    const sources = [
      { configMap: { name: "none", optional: true } },
      { secret: { name: "none", optional: true } },
      { downwardAPI: { items: about.items } },
    ];
    const volumeMounts = [
      { name: "v", mountPath: "/v" },
      { name: "all", mountPath: "/all" },
    ];
    const manifest = pod("p", [sh("a", "stat -L -c %a /v/name; ls /all", { volumeMounts })], {
      volumes: [
        { name: "v", downwardAPI: about },
        { name: "all", projected: { sources } },
      ],
    });
    const { stdout } = await tspod.run(["run", "-q", tspod.manifest(manifest)]);
    expect(stdout.replace(/a +\| /g, "")).toBe("440\nname\n");
  });

  it("fsGroupChangePolicy OnRootMismatch leaves a claim alone whose root has the group", async () => {
    const group = async (fsGroupChangePolicy: string | undefined) => {
      const securityContext = { fsGroup: 2000, ...(fsGroupChangePolicy ? { fsGroupChangePolicy } : {}) };
      const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "data" } }];
      const manifest = pod("p", [sh("a", "touch /v/file; stat -c %g /v/file", mounted)], {
        securityContext,
        volumes,
      });
      const { stdout } = await tspod.run(["run", "-q", tspod.manifest(manifest)]);
      return Number(/(\d+)\s*$/.exec(stdout)?.[1]);
    };
    await tspod.ok(["apply", "-f", claim("data")]);
    expect(await group(undefined)).toBe(2000);
    const [file = ""] = execFileSync("find", [join(tspod.dir, "var/lib/tspod"), "-name", "file"], {
      encoding: "utf8",
    }).split("\n");
    chownSync(file, 0, 5);
    expect(await group("OnRootMismatch")).toBe(5);
    expect(statSync(file).gid).toBe(5);
    expect(await group("Always")).toBe(2000);
    await tspod.ok(["delete", "pvc", "data"]);
  });

  it("volumeMode Block of a claim is refused, and labels of a claim's template are kept", async () => {
    const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "disk" } }];
    const manifest = tspod.manifest(pod("p", [idle("a", mounted)], { volumes }));
    const { code, stderr } = await tspod.run(["run", "-d", claim("disk", { volumeMode: "Block" }), manifest]);
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining("volumeMode Block")]);
    expect(code).not.toBe(0);

    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
    const ephemeral = { volumeClaimTemplate: { metadata: { labels: { of: "p" } }, spec } };
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("p", [idle("a", mounted)], { volumes: [{ name: "v", ephemeral }] })),
    ]);
    const made = JSON.parse(await tspod.ok(["get", "pvc", "p-v", "-o", "json"]));
    expect(made.metadata.labels).toEqual({ of: "p" });
    await tspod.ok(["rm", "-f", "p"]);
  });
});
