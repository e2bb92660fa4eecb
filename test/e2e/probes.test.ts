import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { freePort } from "../support/ports.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh, web } from "./support/pods.ts";
import { sleepOfItsOwn } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

interface Status {
  name: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
}

async function status(name: string): Promise<Status[]> {
  return (await tspod.inspect(name)).status.containerStatuses;
}

async function events(name: string): Promise<string[]> {
  const list: { items: { reason: string; message: string }[] } = JSON.parse(
    await tspod.ok(["events", name, "-o", "json"]),
  );
  return list.items.map(({ reason, message }) => `${reason} ${message}`);
}

/** Processes of this tspod's daemon, and those that run exactly this command in its pods. */
function pidsOf(matches: (cmdline: string) => boolean): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return matches(
          readFileSync(join("/proc", pid, "cmdline"), "latin1")
            .replaceAll("\0", " ")
            .trim(),
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

const daemon = () => pidsOf((line) => line.endsWith(`--root ${tspod.dir} daemon`));
const exec = (...command: string[]) => ({ exec: { command } });

describe("probes", () => {
  it("go on when their supervisor is killed, and leave none of its commands", async () => {
    const nap = sleepOfItsOwn();
    const hung = () => pidsOf((line) => line === nap);
    const containers = [
      web("web", 8080, "page", { readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 } }),
      idle("hung", { readinessProbe: { ...exec(...nap.split(" ")), periodSeconds: 1, timeoutSeconds: 30 } }),
    ];
    await tspod.ok(["run", "-d", tspod.manifest(pod("probed", containers, { restartPolicy: "Always" }))]);
    await eventually(async () => hung().length === 1 && (await status("probed")).some(({ ready }) => ready));
    const [first] = hung();
    const [killed] = daemon();
    process.kill(killed ?? 0, "SIGKILL");
    await eventually(async () => {
      await tspod.ok(["ps"]);
      return daemon().some((pid) => pid !== killed);
    });
    await eventually(() => hung().length === 1 && hung()[0] !== first, {
      what: "a probe of the next supervisor",
    });
    expect(
      (await status("probed")).map(({ name, ready, restartCount }) => [name, ready, restartCount]),
    ).toEqual([
      ["web", true, 0],
      ["hung", false, 0],
    ]);
    await tspod.ok(["rm", "-f", "probed"]);
    expect(hung()).toEqual([]);
  });

  it("reach a pod in the host's network at the host's address", async () => {
    const port = await freePort();
    const container = web("web", port, "page", { readinessProbe: { tcpSocket: { port }, periodSeconds: 1 } });
    await tspod.ok(["run", "-d", tspod.manifest(pod("hosted", [container], { hostNetwork: true }))]);
    await eventually(async () => (await status("hosted"))[0]?.ready);
    await tspod.ok(["rm", "-f", "hosted"]);
  });

  it("that fail while a pod starts are told, without what would move the terminal", async () => {
    const side = idle("side", {
      restartPolicy: "Always",
      startupProbe: {
        ...exec("sh", "-c", "printf '\\033[2Jred\\r'; [ -e /up ] || { touch /up; exit 1; }"),
        periodSeconds: 1,
      },
    } as Partial<Container>);
    const manifest = tspod.manifest(pod("told", [idle("app")], { initContainers: [side] }));
    const { stderr, code } = await tspod.run(["run", "-d", manifest], { env: { TSPOD_SPEED: "10" } });
    expect([code, stderr]).toEqual([0, expect.stringContaining("Startup probe failed: ^[[2Jred\n")]);
    await tspod.ok(["rm", "-f", "told"]);
  });

  it("of a pod that is being stopped do not start its containers anew", async () => {
    const slow = sh(
      "slow",
      "trap 'touch /ending; sleep 2; exit 0' TERM; echo ready; while :; do sleep 0.1; done",
      {
        livenessProbe: { ...exec("test", "!", "-e", "/ending"), periodSeconds: 1, failureThreshold: 1 },
      } as Partial<Container>,
    );
    const spec = { restartPolicy: "Always", terminationGracePeriodSeconds: 10 };
    await tspod.ok(["run", "-d", tspod.manifest(pod("ending", [slow], spec))]);
    await eventually(async () => (await tspod.ok(["logs", "ending"])) === "ready\n");
    await tspod.ok(["stop", "ending"]);
    const [only] = await status("ending");
    expect(only?.restartCount).toBe(0);
    expect((await events("ending")).filter((event) => /Unhealthy|will be restarted/.test(event))).toEqual([]);
    await tspod.ok(["rm", "ending"]);
  });
});

describe("termination messages", () => {
  it("are shown without what would move the terminal", async () => {
    const script = "printf 'red \\033[31m alert\\r\\n' > /dev/termination-log; exit 1";
    const outcome = await tspod.run(["run", "--no-rm", tspod.manifest(pod("said", [sh("app", script)]))]);
    expect(outcome.code).toBe(1);
    expect((await tspod.inspect("said")).status.containerStatuses[0].state.terminated.message).toBe(
      "red \u001b[31m alert\r\n",
    );
    expect(await tspod.ok(["describe", "said"])).toContain("Message:      red ^[[31m alert\n");
    await tspod.ok(["rm", "said"]);
  });

  it("belong to one attempt each", async () => {
    const script = `[ -s /dev/termination-log ] && exit 9
      [ -e /v/second ] && exec sleep 3600
      touch /v/second; echo first > /dev/termination-log; exit 1`;
    const app = sh("app", script, { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    const spec = { restartPolicy: "OnFailure", volumes: [{ name: "v", emptyDir: {} }] };
    await tspod.ok(["run", "-d", tspod.manifest(pod("again", [app], spec))], { env: { TSPOD_SPEED: "50" } });
    const again = await eventually(async () => {
      const [app] = (await tspod.inspect("again")).status.containerStatuses;
      return app.restartCount === 1 && app.state.running && app;
    });
    expect(again.lastState.terminated).toMatchObject({ exitCode: 1, message: "first\n" });
    await tspod.ok(["rm", "-f", "again"]);
  });
});
