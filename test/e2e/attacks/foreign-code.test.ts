import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeLayout } from "../../support/image/make-image.ts";
import { tar } from "../../support/image/tar.ts";
import { attack } from "../support/attack.ts";
import { pod } from "../support/pods.ts";
import { descriptors, host, isAlive, pidsOf, statusLine } from "../support/processes.ts";

const { tspod, canary } = attack();
const pwned = join(canary.folder, "pwned");

/** All that a tool of the host might be tempted to run or load in a container's root. */
const TEMPTING = [
  ..."sh bash tar nsenter getent id ip mount ps cat ls env test stat find sleep node tspod iptables nft".split(
    " ",
  ),
].flatMap((name) => [`bin/${name}`, `usr/bin/${name}`, `sbin/${name}`, `usr/local/bin/${name}`]);
const LIBRARIES = [
  "libnss_files.so.2",
  "libnss_dns.so.2",
  "libc.so.6",
  "libpthread.so.0",
  "ld-linux-x86-64.so.2",
];

/** An image whose every usual program and library touches the canary's folder, where that can be reached. */
beforeAll(async () => {
  const trap = `#!/bin/busybox sh\n/bin/busybox touch ${pwned}\necho trapped\n`;
  const busybox = readFileSync(host("sh", "-c", "command -v busybox").trim());
  const layer = tar(
    ...[
      "bin",
      "sbin",
      "etc",
      "lib",
      "lib64",
      "usr",
      "usr/bin",
      "usr/local",
      "usr/local/bin",

      "proc",
      "sys",
      "dev",
      "data",
    ].map((name) => ({ name, type: "5", mode: 0o755 })),
    { name: "tmp", type: "5", mode: 0o1777 },
    { name: "bin/busybox", data: busybox, mode: 0o755 },
    ...TEMPTING.map((name) => ({ name, data: trap, mode: 0o755 })),
    ...LIBRARIES.flatMap((name) => [`lib/${name}`, `lib64/${name}`]).map((name) => ({
      name,
      data: trap,
      mode: 0o755,
    })),
    { name: "etc/nsswitch.conf", data: "passwd: files\ngroup: files\nhosts: files\n" },
    { name: "etc/ld.so.preload", data: "/lib/libnss_files.so.2\n" },
    { name: "etc/passwd", data: "root:x:0:0::/:/bin/sh\nevil:x:1000:1000::/:/bin/sh\n" },
    { name: "data/file", data: "of the image\n" },
  );
  const layout = join(tspod.dir, "layout");
  makeLayout(layout, {
    layers: [layer],
    config: {
      Entrypoint: ["/bin/busybox", "sh", "-c", "echo runs; exec /bin/busybox sleep 600"],
      User: "evil",
      Env: ["LD_PRELOAD=/lib/libnss_files.so.2", "PATH=/bin", "NODE_OPTIONS=--require /tmp/x.js"],
      Volumes: { "/data": {}, [canary.folder]: {} },
      Labels: {
        "io.containerd.runc.v2.group": "x",
        "io.kubernetes.cri.container-type": "sandbox",
        privileged: "true",
        "devices.tspod": "/dev/kmsg",
      },
      Healthcheck: { Test: ["CMD-SHELL", `touch ${pwned}`], Interval: 1_000_000 },
      OnBuild: [`RUN touch ${pwned}`],
      StopSignal: "SIGKILL",
    },
  });
  await tspod.ok(["image", "load", `oci:${layout}`, "--name", "trap:v1"]);
});

describe("an image full of traps (A21, B6, B10)", () => {
  it("runs nothing outside of its container, whatever is asked about it", async () => {
    const container = { name: "a", image: "trap:v1", imagePullPolicy: "Never" };
    await tspod.ok(["run", "-d", tspod.manifest(pod("trap", [container]))]);
    const { infra, of } = await pidsOf(tspod, "trap");
    for (const command of [
      ["exec", "trap", "--", "/bin/busybox", "true"],
      ["exec", "-u", "evil", "trap", "--", "/bin/busybox", "true"],
      ["logs", "trap"],
      ["top", "trap"],
      ["describe", "trap"],
      ["inspect", "trap"],
      ["ns", "trap"],
      ["events", "trap"],
      ["cp", "trap:/data", join(tspod.dir, "copied")],
      ["cp", join(tspod.dir, "copied"), "trap:/tmp/back"],
    ])
      await tspod.ok(command);
    expect(readFileSync(join(tspod.dir, "copied/file"), "utf8")).toBe("of the image\n");
    // What it runs by name it runs inside.
    const inside = await tspod.run(["exec", "trap", "--", "ls", "/"]);
    expect(inside.stdout).toBe("trapped\n");
    // Neither its labels nor its Volumes mean anything to tspod: nothing is copied, nothing mounted, no right given.
    const mounts = readFileSync(`/proc/${of("a")}/mountinfo`, "utf8");
    expect(mounts).not.toMatch(/ \/data | \/x | \/etc |canary/);
    expect(await tspod.ok(["exec", "trap", "--", "/bin/busybox", "ls", "/etc"])).not.toMatch(/shadow|ssh/);
    expect(BigInt(`0x${statusLine(of("a"), "CapBnd")}`) & ~0xa80425fbn).toBe(0n);
    expect(statusLine(of("a"), "Uid").split("\t")[0]).toBe("1000");
    expect(isAlive(infra)).toBe(true);
    await tspod.ok(["rm", "-f", "trap"]);
  });
});

describe("an image whose config names volumes outside of it (B6)", () => {
  it.each(["/../../etc", "/proc/../../x", "", "relative"])("as %j is refused", async (path) => {
    const layout = join(tspod.dir, `volumes-${Buffer.from(path).toString("hex")}`);
    makeLayout(layout, { layers: [tar({ name: "x", data: "x" })], config: { Volumes: { [path]: {} } } });
    const { code, stderr } = await tspod.run(["image", "load", `oci:${layout}`, "--name", "bad:v1"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `config.Volumes has ${JSON.stringify(path)}, which is not an absolute path without ".."`,
    );
  });
});

describe("commands in a container that are dropped (B13)", () => {
  it("leave no process, no descriptor and no memory behind", async () => {
    const container = { name: "a", image: "trap:v1", imagePullPolicy: "Never" };
    await tspod.ok(["run", "-d", tspod.manifest(pod("dropped", [container]))]);
    const { of } = await pidsOf(tspod, "dropped");
    const monitor = Number(statusLine(of("a"), "PPid"));
    const count = () => ({
      monitor: descriptors(monitor).size,
      container: descriptors(of("a")).size,
      memory: Number(statusLine(monitor, "VmRSS").split(" ")[0]),
      processes: host("sh", "-c", `pgrep --ns ${of("a")} --nslist pid | wc -l`).trim(),
    });
    const before = count();
    expect(before.processes).toBe("1");
    for (let round = 0; round < 6; round++) {
      // Each goes on until nobody reads it any more.
      const script = "while echo up; do /bin/busybox sleep 0.1; done";
      const commands = Array.from({ length: 5 }, () =>
        tspod.start(["exec", "dropped", "--", "/bin/busybox", "sh", "-c", script]),
      );
      await Promise.all(commands.map((command) => command.printed(/up/)));
      for (const command of commands) command.child.kill("SIGKILL");
      await Promise.all(commands.map((command) => command.outcome()));
    }
    await expect.poll(count, { timeout: 120_000 }).toMatchObject({
      monitor: before.monitor,
      container: before.container,
      processes: "1",
    });
    expect(count().memory).toBeLessThan(before.memory + 64);
    await tspod.ok(["rm", "-f", "dropped"]);
  });
});
