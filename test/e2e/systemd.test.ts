import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** A service manager's ear: prints each datagram as a line of JSON. */
const listener = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print("listening", flush=True)
while True: print(json.dumps(s.recv(4096).decode()), flush=True)`;

it("tells its service manager when the pod is ready and that it stops, and ends with the pod's exit code", async () => {
  const socket = join(tspod.dir, "notify");
  const ear = spawn("python3", ["-c", listener, socket], { stdio: ["ignore", "pipe", "inherit"] });
  let heard = "";
  ear.stdout.setEncoding("utf8").on("data", (text: string) => (heard += text));
  try {
    await eventually(() => heard.includes("listening"));
    const container = sh("app", "trap 'exit 7' TERM; while :; do sleep 0.1; done", {
      readinessProbe: { exec: { command: ["cat", "/tmp/ready"] }, periodSeconds: 1 },
    });
    const command = tspod.start(["run", "-q", tspod.manifest(pod("service", [container]))], {
      env: { NOTIFY_SOCKET: socket },
    });
    await eventually(async () => (await tspod.ok(["ps", "--no-headers"])).includes("Running"));
    expect(heard).not.toContain("READY");
    await tspod.ok(["exec", "service", "--", "touch", "/tmp/ready"]);
    await eventually(() => heard.includes("READY=1\\nSTATUS=service: ready"));
    expect(await tspod.ok(["ps", "--no-headers"])).toMatch(/^service +1\/1 +Running /);
    command.kill("SIGTERM");
    expect((await command.outcome()).code).toBe(7);
    await eventually(() => heard.includes("STOPPING=1"));
  } finally {
    ear.kill();
  }
});

it("writes units that systemd understands", async () => {
  const file = tspod.manifest(pod("web", [sh("a", "exit 0")], { terminationGracePeriodSeconds: 40 }));
  const unit = await tspod.ok(["systemd", file]);
  expect(unit).toContain(`run --quiet --replace ${file}\n`);
  expect(unit).toContain("\nTimeoutStopSec=55\n");
  // Named as installed: this checkout need not be.
  const path = join(tspod.dir, "tspod-web.service");
  writeFileSync(path, unit.replace("/usr/local/bin/tspod", "/bin/true"));
  const { status, stderr, error } = spawnSync("systemd-analyze", ["verify", "--man=no", path], {
    encoding: "utf8",
  });
  if (error) throw new Error("systemd-analyze is missing: the package systemd is among those of `make test`");
  expect({ status, stderr: stderr.split("\n").filter((line) => line.includes("tspod-web")) }).toEqual({
    status: 0,
    stderr: [],
  });
});
