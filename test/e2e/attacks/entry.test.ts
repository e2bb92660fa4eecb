import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout, tspodBinary } from "../../support/tspod.ts";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";
import { pidsOf } from "../support/processes.ts";

const { tspod, canary, probed, volumes } = attack();

describe("descriptors (A2)", () => {
  it("of the caller never reach a container, nor its exec, nor a working directory", async () => {
    const file = tspod.manifest(pod("fds", [sh("a", "exec /probe/probe fds", probed())], volumes()));
    // The caller of tspod has many folders of the host open, without close-on-exec.
    const leaky = `${Array.from({ length: 30 }, (_, i) => `exec ${i + 10}</`).join("\n")}\nexec "$@"`;
    const through = (...args: string[]) =>
      execFileSync("bash", ["-c", leaky, "bash", tspodBinary, "--root", tspod.dir, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    expect(
      through("run", "-q", file)
        .trim()
        .split("\n")
        .map((line) => line.replace(/^a \| (\d+) .*/, "$1")),
    ).toEqual(["0", "1", "2"]);

    through("run", "-q", "-d", tspod.manifest(pod("open", [idle("a", probed())], volumes())));
    const listed = through("exec", "open", "--", "/probe/probe", "fds").trim().split("\n");
    expect(listed.map((line) => line.split(" ")[0])).toEqual(["0", "1", "2"]);
    const { infra, of } = await pidsOf(tspod, "open");
    for (const pid of [infra, of("a")]) {
      expect(readdirSync(`/proc/${pid}/fd`).every((fd) => Number(fd) <= 2)).toBe(true);
    }
    await tspod.ok(["rm", "-f", "open"]);
  });

  it("cannot be a working directory: /proc/self/fd/N leads nowhere outside", async () => {
    const workingDirs = [3, 7, 8, 9, 12].map((n) => `/proc/self/fd/${n}`);
    for (const workingDir of [...workingDirs, "/proc/thread-self/fd/7/../..", "/proc/1/cwd"]) {
      const file = tspod.manifest(
        pod("cwd", [sh("a", "pwd; cat secret ../secret ../../canary/secret", { workingDir })]),
      );
      const { code, stdout, stderr } = await tspod.run(["run", "-q", file]);
      expect(stdout + stderr, workingDir).not.toContain(canary.secret);
      expect(code, `${workingDir}: ${stderr}`).not.toBe(0);
    }
  });
});

describe("the executables (A1)", () => {
  const files = () =>
    ["tspod.node", "tspod-helper", "tspod-unpack"].map((name) => join(checkout, "dist", name));
  const hashes = () =>
    [...files(), process.execPath].map((path) =>
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    );

  it("are not what a container sees as /proc/self/exe or /proc/1/exe, and cannot be written through them", async () => {
    const before = hashes();
    await tspod.ok(["run", "-d", tspod.manifest(pod("exe", [idle("a")], { shareProcessNamespace: true }))]);
    // While it loops over every process it can see, exec comes in.
    const overwrite = tspod.start([
      "exec",
      "exe",
      "--",
      "sh",
      "-c",
      "for i in $(seq 300); do for p in /proc/[0-9]*; do (echo x > $p/exe) 2>/dev/null && echo WROTE $p $(readlink $p/exe); done; done; echo tried",
    ]);
    for (let i = 0; i < 4; i++) await tspod.ok(["exec", "exe", "--", "true"]);
    const { stdout } = await overwrite.outcome();
    expect(stdout).toBe("tried\n");
    const script = await tspod.run([
      "exec",
      "exe",
      "--",
      "sh",
      "-c",
      "printf '#!/proc/self/exe\\n' > /tmp/x; chmod +x /tmp/x; /tmp/x",
    ]);
    expect(script.code).not.toBe(0);
    expect(hashes()).toEqual(before);
    await tspod.ok(["rm", "-f", "exe"]);
  });
});
