import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idle, pod, sh } from "./support/pods.ts";
import { host, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = (name: string, container: string) => async (script: string) =>
  await tspod.ok(["exec", "-c", container, name, "--", "sh", "-c", script]);

/** A folder of the host that a test may give a pod. */
function hostFolder(name: string): string {
  const path = join(tspod.dir, "host", name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("a single file (S5)", () => {
  it("comes from the host or a ConfigMap, and its neighbours stay visible", async () => {
    const conf = join(hostFolder("nginx"), "nginx.conf");
    writeFileSync(conf, "worker_processes 1;\n");
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "nginx-config" },
      data: { "nginx.conf": "events {}\n", "other.conf": "unseen\n" },
    };
    const manifest = pod(
      "files",
      [
        idle("a", { volumeMounts: [{ name: "file", mountPath: "/etc/nginx.conf" }] }),
        idle("b", { volumeMounts: [{ name: "map", mountPath: "/etc/nginx.conf", subPath: "nginx.conf" }] }),
      ],
      {
        volumes: [
          { name: "file", hostPath: { path: conf, type: "File" } },
          { name: "map", configMap: { name: "nginx-config" } },
        ],
      },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest), tspod.manifest(configMap)]);
    const [a, b] = [inside("files", "a"), inside("files", "b")];
    expect(await a("cat /etc/nginx.conf")).toBe(readFileSync(conf, "utf8"));
    expect(await b("cat /etc/nginx.conf")).toBe("events {}\n");
    for (const look of [a, b]) {
      const names = (await look("ls /etc")).split("\n");
      expect(names).toEqual(expect.arrayContaining(["passwd", "group", "hosts", "nginx.conf"]));
      expect(names).not.toContain("other.conf");
    }
    await a("echo 'worker_processes 2;' > /etc/nginx.conf");
    expect(readFileSync(conf, "utf8")).toBe("worker_processes 2;\n");
    await tspod.ok(["rm", "-f", "files"]);
  });

  it("of a whole ConfigMap is read-only and reached by way of ..data (S6)", async () => {
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "nginx-config" },
      data: { "nginx.conf": "events {}\n" },
    };
    const manifest = pod(
      "map",
      [idle("a", { volumeMounts: [{ name: "map", mountPath: "/etc/nginx", readOnly: true }] })],
      { volumes: [{ name: "map", configMap: { name: "nginx-config" } }] },
    );
    const documents = [configMap, manifest].map((one) => JSON.stringify(one)).join("\n---\n");
    await tspod.ok(["run", "-d", tspod.manifest(documents)]);
    const a = inside("map", "a");
    expect(await a("readlink /etc/nginx/nginx.conf; cat /etc/nginx/nginx.conf")).toBe(
      "..data/nginx.conf\nevents {}\n",
    );
    expect(await a("stat -L -c %a /etc/nginx/nginx.conf")).toBe("644\n");
    const touch = await tspod.run(["exec", "map", "--", "touch", "/etc/nginx/x"]);
    expect(touch.code).toBe(1);
    expect(touch.stderr).toContain("Read-only file system");
    await tspod.ok(["rm", "-f", "map"]);
  });
});

describe("a volume", () => {
  it("is declared once and bound in each container, never in the holder (S15)", async () => {
    const mount = (mountPath: string) => ({ volumeMounts: [{ name: "shared-data", mountPath }] });
    const manifest = pod(
      "bound",
      [idle("a", mount("/usr/share/nginx/html")), idle("b", mount("/pod-data"))],
      {
        volumes: [{ name: "shared-data", emptyDir: {} }],
      },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const { infra, of } = await pidsOf(tspod, "bound");
    const { uid } = (await tspod.inspect("bound")).metadata;
    const source = (pid: number, path: string) =>
      host("findmnt", "-N", String(pid), "-n", "-o", "MAJ:MIN,FSROOT", path).trim().split(/ +/).join(" ");

    const found = source(of("a"), "/usr/share/nginx/html");
    expect(source(of("b"), "/pod-data")).toBe(found);
    expect(found).toContain(`${uid}/volumes/`);
    expect(readFileSync(`/proc/${infra}/mountinfo`, "utf8")).not.toContain("/volumes/");
    await inside("bound", "a")("echo hello > /usr/share/nginx/html/index.html");
    expect(await inside("bound", "b")("cat /pod-data/index.html")).toBe("hello\n");
    await tspod.ok(["rm", "-f", "bound"]);
  });

  it("of the host stays when the pod goes; an emptyDir does not", async () => {
    const folder = hostFolder("kept");
    const manifest = pod(
      "writer",
      [
        sh("a", "echo kept > /host/file; echo gone > /empty/file; echo made > /made/file", {
          volumeMounts: [
            { name: "host", mountPath: "/host" },
            { name: "empty", mountPath: "/empty" },
            { name: "made", mountPath: "/made" },
          ],
        }),
      ],
      {
        volumes: [
          { name: "host", hostPath: { path: folder } },
          { name: "empty", emptyDir: {} },
          { name: "made", hostPath: { path: join(folder, "new"), type: "DirectoryOrCreate" } },
        ],
      },
    );
    expect((await tspod.run(["run", tspod.manifest(manifest)])).code).toBe(0);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept\n");
    expect(readFileSync(join(folder, "new/file"), "utf8")).toBe("made\n");
  });
});
