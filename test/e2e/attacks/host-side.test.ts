import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../../support/tspod.ts";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";
import { host } from "../support/processes.ts";

const { tspod, inside, probed, volumes } = attack();

describe("the host's side (B11, B12)", () => {
  it("has no abstract socket that a pod on the host's network could talk to", async () => {
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("on-host", [idle("a", probed())], { hostNetwork: true, ...volumes() })),
    ]);
    const { stdout } = await inside("on-host", "cat /proc/net/unix");
    const abstract = stdout.split("\n").flatMap((line) => /\s@(\S*tspod\S*)/.exec(line)?.[1] ?? []);
    expect(abstract).toEqual([]);
    await tspod.ok(["rm", "-f", "on-host"]);
  });

  it("lets no user of the host into root filesystems, volumes, logs' folders or state", async () => {
    chmodSync(tspod.dir, 0o755);
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(
        pod(
          "walled",
          [
            sh(
              "a",
              "cp /bin/busybox /suid; chmod 4755 /suid; echo x > /v/file; trap exit TERM; while :; do sleep 9 & wait; done",
              { volumeMounts: [{ name: "v", mountPath: "/v" }] },
            ),
          ],
          { volumes: [{ name: "v", emptyDir: {} }] },
        ),
      ),
    ]);
    await eventually(async () => (await inside("walled", "ls /v")).stdout === "file\n");
    const walk = (folder: string) =>
      host(
        "setpriv",
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        "sh",
        "-c",
        `find ${folder} -type f 2>/dev/null; find ${folder} -perm -4000 2>/dev/null; true`,
      );
    expect(walk(join(tspod.dir, "run"))).toBe("");
    expect(walk(join(tspod.dir, "var/lib"))).toBe("");
    await tspod.ok(["rm", "-f", "walled"]);
  });
});
