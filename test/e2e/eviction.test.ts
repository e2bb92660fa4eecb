import { describe, expect, it } from "vitest";
import type { Container, Volume } from "../../src/manifest/index.ts";
import { FastRoot } from "../support/fast-root.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

// Ten seconds between two looks of a kubelet in a tenth of one.
const tspod = scenario(new FastRoot(100));
const limited = (name: string, script: string, limit: string, more: Partial<Container> = {}): Container =>
  sh(name, `${script}; trap exit TERM; while :; do sleep 3600 & wait; done`, {
    resources: { limits: { "ephemeral-storage": limit } },
    ...more,
  });

async function evicted(containers: Container[], volumes: Volume[] = []): Promise<string> {
  await tspod.ok(["run", "-d", tspod.manifest(pod("p", containers, { volumes, restartPolicy: "Always" }))]);
  const status = await eventually(
    async () => {
      const { status } = await tspod.inspect("p");
      return status.phase === "Failed" ? status : undefined;
    },
    { what: "a pod that has failed" },
  );
  expect(status.reason).toBe("Evicted");
  expect(await tspod.ok(["events", "p"])).toContain(status.message.trim());
  await tspod.ok(["rm", "-f", "p"]);
  return status.message;
}

describe("a pod that has more on disk than it may is evicted, in the kubelet's words", () => {
  it("for an emptyDir over its sizeLimit", async () => {
    const writing = sh("a", "dd if=/dev/zero of=/v/x bs=1M count=4 2>/dev/null; sleep 3600", {
      volumeMounts: [{ name: "v", mountPath: "/v" }],
    });
    expect(await evicted([writing], [{ name: "v", emptyDir: { sizeLimit: "2Mi" } }])).toContain(
      'Usage of EmptyDir volume "v" exceeds the limit "2Mi".',
    );
  });

  it.each([
    ["its writable layer", "dd if=/dev/zero of=/x bs=1M count=4 2>/dev/null"],
    [
      "a file that it has deleted and made again elsewhere",
      "dd if=/dev/zero of=/tmp/x bs=1M count=4 2>/dev/null; mv /tmp/x /y",
    ],
    ["its log", "for i in $(seq 40); do head -c 100000 /dev/zero | tr '\\\\0' x; echo; done"],
  ])("for a container over its limit: %s", async (_, script) => {
    const beside = limited("b", "true", "1Gi");
    expect(await evicted([limited("a", script, "2Mi"), beside])).toContain(
      'Container a exceeded its local ephemeral storage limit "2Mi".',
    );
  });

  it("for what it fills the files with that tspod has made for it (B2)", async () => {
    const filling = limited("a", "dd if=/dev/zero of=/etc/hosts bs=1M count=4 2>/dev/null", "2Mi");
    expect(await evicted([filling])).toContain(
      "Pod ephemeral local storage usage exceeds the total limit of containers 2Mi.",
    );
  });

  it("and is left alone below", async () => {
    const writing = limited("a", "dd if=/dev/zero of=/x bs=1M count=1 2>/dev/null", "3Mi");
    const volumes = [{ name: "v", emptyDir: { sizeLimit: "1Mi" } }];
    await tspod.ok(["run", "-d", tspod.manifest(pod("p", [writing, idle("b")], { volumes }))]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await tspod.inspect("p")).status.phase).toBe("Running");
    await tspod.ok(["rm", "-f", "p"]);
  });
});
