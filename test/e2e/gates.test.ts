import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

function gated(name: string, ...gates: string[]): Pod {
  const volumeMounts = [{ name: "v", mountPath: "/v" }];
  return pod(name, [idle("app", { volumeMounts })], {
    initContainers: [sh("init", "echo ready > /v/file", { volumeMounts })],
    volumes: [{ name: "v", emptyDir: {} }],
    ...(gates.length > 0 ? { schedulingGates: gates.map((gate) => ({ name: gate })) } : {}),
  });
}

describe("a pod with scheduling gates", () => {
  it("waits until the last of them is taken away, and starts then as any other", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(gated("waits", "example.com/a", "example.com/b"))]);
    expect(await tspod.ok(["ps", "--no-headers"])).toMatch(/^waits +0\/1 +SchedulingGated +0 /);
    const { status, metadata } = await tspod.inspect("waits");
    expect(status.phase).toBe("Pending");
    expect(status.conditions).toEqual([
      expect.objectContaining({
        type: "PodScheduled",
        status: "False",
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      }),
    ]);
    await tspod.ok(["apply", "-f", tspod.manifest(gated("waits", "example.com/b"))]);
    expect(await tspod.ok(["ps", "--no-headers"])).toMatch(/^waits +0\/1 +SchedulingGated +0 /);
    const more = await tspod.run([
      "apply",
      "-f",
      tspod.manifest(gated("waits", "example.com/b", "example.com/c")),
    ]);
    expect(more.code).not.toBe(0);
    expect(more.stderr).toContain("only deletion is allowed, but found new scheduling gate 'example.com/c'");

    await tspod.ok(["apply", "-f", tspod.manifest(gated("waits"))]);
    await eventually(async () => /^waits +1\/1 +Running +0 /.test(await tspod.ok(["ps", "--no-headers"])));
    expect((await tspod.inspect("waits")).metadata.uid).toBe(metadata.uid);
    expect(await tspod.ok(["exec", "-c", "app", "waits", "--", "cat", "/v/file"])).toBe("ready\n");
    expect(await tspod.ok(["events", "waits"])).toMatch(
      /Scheduled .*\n(?:.*\n)*.*SandboxCreated .*\n(?:.*\n)*.*Started /,
    );
    await tspod.ok(["rm", "-f", "waits"]);
  });

  it("is removed before it has begun, without a trace", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(gated("never", "example.com/a"))]);
    await tspod.ok(["rm", "never"]);
  });

  it("waits in the foreground too, and Ctrl-C ends the wait", async () => {
    const command = tspod.start(["run", "-q", tspod.manifest(gated("front", "example.com/a"))]);
    await eventually(async () => (await tspod.ok(["ps", "--no-headers"])).includes("SchedulingGated"));
    command.kill("SIGINT");
    expect((await command.outcome()).code).toBe(130);
    expect(await tspod.ok(["ps", "-a", "-o", "name"])).toBe("");
  });
});
