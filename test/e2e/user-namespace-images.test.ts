import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { makeLayout } from "../support/image/make-image.ts";
import { tar } from "../support/image/tar.ts";
import { buildTimeoutMs, realImages } from "../support/real-images.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { pod } from "./support/pods.ts";
import { host, pidsOf, statusLine } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
let images: Record<"nginx" | "postgres", string>;
beforeAll(async () => {
  images = await realImages("nginx", "postgres");
}, buildTimeoutMs);

it("servers that begin as root, own their folders and become users of their own do so in a pod's own users", async () => {
  const env = [
    { name: "POSTGRES_PASSWORD", value: "x" },
    { name: "PGDATA", value: "/data/pg" },
  ];
  const containers = [
    { name: "db", image: images.postgres, env, volumeMounts: [{ name: "data", mountPath: "/data" }] },
    { name: "web", image: images.nginx },
  ];
  const spec = { hostUsers: false, volumes: [{ name: "data", emptyDir: {} }] };
  await tspod.ok(["run", "-q", "-d", tspod.manifest(pod("servers", containers, spec))], {
    timeoutMs: 120_000,
  });
  const { of } = await pidsOf(tspod, "servers");
  const first = Number(
    readFileSync(`/proc/${of("db")}/uid_map`, "utf8")
      .trim()
      .split(/\s+/)[1],
  );
  const { status } = await tspod.inspect("servers");
  expect((await eventually(() => httpGet(`http://${status.podIP}/`))).status).toBe(200);
  await eventually(async () => (await tspod.ok(["logs", "-c", "db", "servers"])).includes("ready to accept"));
  expect(statusLine(of("web"), "Uid").split("\t")[0]).toBe(String(first));
  expect(statusLine(of("db"), "Uid").split("\t")[0]).toBe(String(first + 999));
  expect(await tspod.ok(["exec", "-c", "db", "servers", "--", "stat", "-c", "%u:%g", "/data/pg"])).toBe(
    "999:999\n",
  );
  await tspod.ok(["rm", "-f", "servers"]);
});

it("capabilities of an image's files count in a pod's own users as they do without", async () => {
  // struct vfs_cap_data, revision 2, effective: NET_RAW.
  const capability = Buffer.alloc(20);
  capability.writeUInt32LE(0x02000001, 0);
  capability.writeUInt32LE(1 << 13, 4);
  const busybox = readFileSync(host("sh", "-c", "command -v busybox").trim());
  const layout = join(tspod.dir, "capable");
  makeLayout(layout, {
    layers: [
      tar(
        ...["bin", "proc", "sys", "dev", "etc"].map((name) => ({ name, type: "5", mode: 0o755 })),
        { name: "bin/sh", data: busybox, mode: 0o755 },
        {
          name: "bin/grep",
          data: busybox,
          mode: 0o755,
          pax: { "SCHILY.xattr.security.capability": capability },
        },
      ),
    ],
  });
  // Not by way of a shell: busybox's runs its own grep.
  const container = {
    name: "a",
    image: `oci:${layout}`,
    command: ["/bin/grep", "CapEff", "/proc/self/status"],
  };
  for (const hostUsers of [true, false]) {
    const spec = { hostUsers, securityContext: { runAsUser: 1000 } };
    const { stdout } = await tspod.run([
      "run",
      "-q",
      "--rm",
      tspod.manifest(pod("capable", [container], spec)),
    ]);
    expect(stdout, `hostUsers: ${hostUsers}`).toBe("a | CapEff:\t0000000000002000\n");
  }
});
