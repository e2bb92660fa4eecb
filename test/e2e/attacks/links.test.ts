import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";

const { tspod, canary } = attack();

describe("symbolic links of a container (B1, B4, A10)", () => {
  it("in a volume do not lead subPath out, not even one an init container has planted", async () => {
    for (const target of ["/", "../../../../../../..", canary.folder]) {
      const mount = (mountPath: string, more = {}) => ({
        volumeMounts: [{ name: "vol", mountPath, ...more }],
      });
      const manifest = pod(
        "sub",
        [sh("a", "ls -la /v; cat /v/secret; touch /v/planted", mount("/v", { subPath: "x" }))],
        {
          initContainers: [sh("plant", `ln -s ${target} /vol/x`, mount("/vol"))],
          volumes: [{ name: "vol", emptyDir: {} }],
        },
      );
      const { code, stdout, stderr } = await tspod.run(["run", "-q", tspod.manifest(manifest)]);
      expect(stdout + stderr, target).not.toContain(canary.secret);
      expect(stdout, target).not.toMatch(/ (vmlinuz|lost\+found|home)\b/);
      expect(code, `${target}: ${stdout}${stderr}`).not.toBe(0);
    }
    for (const subPath of ["..", "/etc", "a/../../b"]) {
      const manifest = pod(
        "sub",
        [idle("a", { volumeMounts: [{ name: "vol", mountPath: "/v", subPath }] })],
        { volumes: [{ name: "vol", emptyDir: {} }] },
      );
      expect((await tspod.run(["run", "-d", tspod.manifest(manifest)])).code, subPath).toBe(2);
    }
  });

  it("do not carry a later container's mounts out of its root: a shared volume's link as mount point", async () => {
    const mount = { name: "vol", mountPath: "/vol" };
    const manifest = pod(
      "target",
      [
        sh("a", "touch /vol/x/planted; ls /vol/x", {
          volumeMounts: [mount, { name: "other", mountPath: "/vol/x" }],
        }),
      ],
      {
        initContainers: [sh("plant", `ln -s ${canary.folder} /vol/x`, { volumeMounts: [mount] })],
        volumes: [
          { name: "vol", emptyDir: {} },
          { name: "other", emptyDir: {} },
        ],
      },
    );
    const { stdout, stderr } = await tspod.run(["run", "-q", tspod.manifest(manifest)]);
    expect(stdout + stderr).not.toContain(canary.secret);
    expect(readdirSync(canary.folder)).toEqual(["secret"]);
  });

  it("in place of the termination log are not followed", async () => {
    const link = `rm -f /dev/termination-log; ln -s ${canary.path} /dev/termination-log; mkfifo /tmp/f; echo done`;
    await tspod.run([
      "run",
      "--no-rm",
      "-q",
      tspod.manifest(
        pod("term", [sh("a", link), sh("b", "head -c 100000000 /dev/zero > /dev/termination-log; exit 1")]),
      ),
    ]);
    for (const command of [
      ["describe", "term"],
      ["inspect", "term"],
      ["ps", "-a"],
    ]) {
      const out = await tspod.ok(command);
      expect(out).not.toContain(canary.secret);
      expect(out.length).toBeLessThan(100_000);
    }
    await tspod.ok(["rm", "term"]);
  });

  it("and mounts over /proc and the root are refused", async () => {
    for (const mountPath of [
      "/proc",
      "/proc/self",
      "/proc/sys/kernel",
      "/proc/self/attr",
      "/tmp/../proc/self",
      "/tmp/..",
      "/../..",
    ]) {
      const manifest = pod("over", [idle("a", { volumeMounts: [{ name: "v", mountPath }] })], {
        volumes: [{ name: "v", emptyDir: {} }],
      });
      const { code, stdout, stderr } = await tspod.run(["run", "-d", tspod.manifest(manifest)]);
      expect({ code: code !== 0, stdout }, `${mountPath}: ${stderr}`).toEqual({ code: true, stdout: "" });
    }
  });
});
