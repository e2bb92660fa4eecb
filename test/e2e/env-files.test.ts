import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const volumes = [{ name: "v", emptyDir: {} }];
const writing = (script: string): Container =>
  sh("write", script, { volumeMounts: [{ name: "v", mountPath: "/data" }] });
const reading = (fileKeyRef: object, script = 'echo "$A"'): Container =>
  sh("read", script, {
    env: [
      { name: "A", valueFrom: { fileKeyRef: { volumeName: "v", path: "app.env", key: "A", ...fileKeyRef } } },
    ],
  } as Partial<Container>);
const run = (write: string, read: Container) =>
  tspod.run(["run", "-q", tspod.manifest(pod("p", [read], { volumes, initContainers: [writing(write)] }))]);

describe("a variable from a file of an emptyDir (KEP-3721)", () => {
  it("is what an init container wrote, though the container does not mount the volume", async () => {
    const { code, stdout } = await run(
      `printf "# of the app\nA='one\ntwo \\$HOME'\n" > /data/app.env`,
      reading({}, 'echo "$A"; ls /data 2>&1; echo "$B"'),
    );
    expect(stdout).toContain("one\n");
    expect(stdout).toContain("two $HOME\n");
    expect(stdout).toContain("/data: No such file");
    expect(code).toBe(0);
  });

  it("stays unset when it is optional and not there", async () => {
    const { code, stdout } = await run("true", reading({ optional: true }, "env | grep ^A= || echo unset"));
    expect(stdout).toContain("unset\n");
    expect(code).toBe(0);
  });

  it("is not read from anywhere but the volume, whatever the init container has put there", async () => {
    const secret = join(tspod.dir, "secret.env");
    writeFileSync(secret, "A='canary of the host'\n");
    const up = "../../../../../../../../../../../..";
    for (const trick of [
      `ln -s ${secret} /data/app.env`,
      `ln -s ${up}${secret} /data/app.env`,
      "mkfifo /data/app.env",
      "mkdir /data/app.env",
      "mknod /data/app.env c 240 77",
      "ln -s /proc/self/environ /data/app.env",
      "head -c 70000 /dev/zero > /data/app.env",
    ]) {
      const { code, stdout, stderr } = await run(trick, reading({}));
      expect(stdout + stderr).not.toContain("canary");
      expect(code).not.toBe(0);
      // To open it would be to use the host's device, if there is one: ENXIO would tell that it was tried.
      if (/^mk/.test(trick)) expect(stderr).toContain("it is not a regular file");
      await tspod.run(["rm", "-f", "p"]);
    }
  });
});
