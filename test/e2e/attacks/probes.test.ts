import { lstatSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Container } from "../../../src/manifest/index.ts";
import { eventually } from "../../support/tspod.ts";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";
import { pidsOf } from "../support/processes.ts";

const { tspod, canary } = attack();

interface Ended {
  restartCount: number;
  state: { terminated?: { exitCode: number; message?: string } };
  lastState: { terminated?: { exitCode: number; message?: string } };
}

const statusOf = async (name: string, container: number): Promise<Ended> =>
  (await tspod.inspect(name)).status.containerStatuses[container];

describe("a termination message (B4)", () => {
  it("cannot be made a link, a pipe or a device by its container", async () => {
    const log = "/dev/termination-log";
    const tries = [
      `ln -sf ${canary.path} ${log}`,
      `mkfifo ${log}`,
      `mv ${log} /x`,
      `rm ${log}`,
      `umount ${log}`,
    ];
    const script = `${tries.map((line) => `(${line}) 2>/dev/null && echo done: '${line}'`).join("; ")}; exit 1`;
    const { stdout } = await tspod.run(["run", "--no-rm", tspod.manifest(pod("swap", [sh("app", script)]))]);
    expect(stdout).toBe("");
    expect((await statusOf("swap", 0)).state.terminated).toMatchObject({ exitCode: 1 });
    await tspod.ok(["rm", "swap"]);
  });

  it("of a terabyte costs no more than its last 4 KiB", async () => {
    const script = "echo end > /e; dd if=/e of=/dev/termination-log bs=1M seek=1000000; exit 1";
    await tspod.run(["run", "--no-rm", tspod.manifest(pod("huge", [sh("app", script)]))]);
    const { terminated } = (await statusOf("huge", 0)).state;
    expect(terminated?.message).toHaveLength(4096);
    expect(terminated?.message?.endsWith("end\n")).toBe(true);
    await tspod.ok(["rm", "huge"]);
  });

  it("in a volume is not read through a link that a neighbour plants", async () => {
    const mount: Partial<Container> = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const app = sh(
      "app",
      "until [ -e /v/go ]; do sleep 0.05; done; rm /v/go; cat /v/msg; echo mine > /v/msg; exit 1",
      {
        ...mount,
        terminationMessagePath: "/v/msg",
      },
    );
    const link = `rm -f /v/msg; ln -s ../../../../../..${canary.path} /v/msg; touch /v/go`;
    const spec = { restartPolicy: "OnFailure", volumes: [{ name: "v", emptyDir: {} }] };
    const manifest = tspod.manifest(pod("planted", [app, idle("neighbour", mount)], spec));
    await tspod.ok(["run", "-d", manifest], { env: { TSPOD_SPEED: "100" } });
    for (const turn of [1, 2]) {
      await tspod.ok(["exec", "-c", "neighbour", "planted", "--", "sh", "-c", link]);
      const restarted = async () => (await statusOf("planted", 0)).restartCount >= turn;
      await eventually(restarted, { what: `restart ${turn}` });
    }
    expect((await statusOf("planted", 0)).lastState.terminated?.message).toBe("mine\n");
    const printed = (await tspod.run(["logs", "planted", "-c", "app"])).stdout;
    const shown = JSON.stringify(await tspod.inspect("planted"));
    expect(printed + shown).not.toContain(canary.secret);
    await tspod.ok(["rm", "-f", "planted"]);
    expect(lstatSync(join(canary.folder, "secret")).isFile()).toBe(true);
  });
});

describe("probes and hooks (B14, B16)", () => {
  it("of a container whose first process is stopped, or that floods, go on and are ended in time", async () => {
    const exec = (script: string) => ({ exec: { command: ["sh", "-c", script] }, periodSeconds: 1 });
    const flood = exec("yes flood & yes flood >&2 & wait");
    const app = idle("app", {
      livenessProbe: { ...flood, failureThreshold: 1000 },
      readinessProbe: exec("exit 0"),
    });
    await tspod.ok(["run", "-d", tspod.manifest(pod("stopped", [app], { restartPolicy: "Always" }))]);
    process.kill((await pidsOf(tspod, "stopped")).of("app"), "SIGSTOP");
    const events = async () => await tspod.ok(["events", "stopped"]);
    await eventually(async () => /Liveness probe failed: command timed out/.test(await events()));
    await eventually(async () => (await tspod.inspect("stopped")).status.containerStatuses[0].ready);
    expect(await events()).not.toContain("flood\nflood");
    await tspod.ok(["rm", "-f", "stopped"]);
  });

  it("that hang do not keep a pod alive longer than its grace period", async () => {
    const hang = { exec: { command: ["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1000; done"] } };
    const app = sh("app", "trap '' TERM; while :; do sleep 0.1; done", {
      lifecycle: { preStop: hang },
    } as Partial<Container>);
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("hanging", [app], { terminationGracePeriodSeconds: 1 })),
    ]);
    await tspod.ok(["stop", "hanging"]);
    expect((await statusOf("hanging", 0)).state.terminated).toMatchObject({ exitCode: 137 });
    await tspod.ok(["rm", "hanging"]);
  });
});
