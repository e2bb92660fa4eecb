import { existsSync, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { isAlive } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const socket = () => join(tspod.dir, "run/tspod/daemon/tspod.sock");

// biome-ignore lint/suspicious/noExplicitAny: what an API answers
function ask(path: string, method = "GET"): Promise<{ status: number | undefined; body: any }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket(), path, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
    asked.on("error", reject).end();
  });
}

const status = async () => JSON.parse(await tspod.ok(["daemon", "--status", "-o", "json"]));

describe("the daemon", () => {
  it("comes with the first detached pod, looks after all, and goes with the last", async () => {
    expect(await tspod.run(["daemon", "--status"])).toMatchObject({ code: 1, stdout: "" });
    await tspod.ok(["run", "-d", tspod.manifest(pod("one", [idle("a")]))]);
    await tspod.ok(["run", "-d", tspod.manifest(pod("two", [idle("a")]))]);
    const { pid } = await eventually(async () => ((await status()).pods === 2 ? status() : undefined));
    expect(await tspod.ok(["daemon", "--status"])).toMatch(
      /^pid \d+, for \d+s, 2 pods, \d+ MiB of memory, \d+\.\d s of processor time\n$/,
    );
    expect((await tspod.run(["daemon"])).stderr).toContain("there is a daemon already");
    await tspod.ok(["rm", "-f", "one"]);
    await eventually(async () => (await status()).pods === 1);
    await tspod.ok(["rm", "-f", "two"]);
    await eventually(() => !isAlive(pid) && !existsSync(socket()));
  });

  it("ends at TERM, and the pods go on; the next command starts another", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("on", [idle("a")], { restartPolicy: "Always" }))]);
    const { pid } = await eventually(status);
    const before = (await tspod.inspect("on")).status.containerStatuses[0].pid;
    process.kill(pid, "SIGTERM");
    await eventually(() => !isAlive(pid));
    expect(isAlive(before)).toBe(true);
    process.kill(before, "SIGKILL");
    await eventually(async () => {
      const [now] = (await tspod.inspect("on")).status.containerStatuses;
      return now.restartCount === 1 && now.state.running;
    });
    expect((await eventually(status)).pid).not.toBe(pid);
    await tspod.ok(["rm", "-f", "on"]);
  });

  it("does not look after pods in the foreground", async () => {
    const command = tspod.start(["run", "-q", tspod.manifest(pod("front", [sh("a", "echo up; sleep 60")]))]);
    await command.printed(/up/);
    expect((await tspod.run(["daemon", "--status"])).code).toBe(1);
    command.kill("SIGTERM");
    await command.outcome();
  });
});

describe("its API", () => {
  it("tells of pods and their events, to root alone", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("web", [idle("a")]))]);
    await eventually(() => existsSync(socket()));
    expect(statSync(socket()).mode & 0o777).toBe(0o600);
    expect(statSync(join(socket(), "..")).mode & 0o777).toBe(0o700);
    const daemon = await eventually(async () => {
      const answer = await ask("/v1/daemon");
      return answer.body.pods === 1 ? answer : undefined;
    });
    expect(daemon).toMatchObject({
      status: 200,
      body: { pid: expect.any(Number), rssBytes: expect.any(Number) },
    });
    const list = await ask("/v1/pods");
    expect(list.body).toMatchObject({
      kind: "PodList",
      items: [{ metadata: { name: "web" }, status: { phase: "Running" } }],
    });
    expect((await ask("/v1/pods/default")).body.items).toHaveLength(1);
    expect((await ask("/v1/pods/elsewhere")).body.items).toHaveLength(0);
    expect((await ask("/v1/pods/default/web")).body.metadata.name).toBe("web");
    const { body } = await ask("/v1/pods/default/web/events");
    expect(body.items[0]).toMatchObject({ reason: "Scheduled", type: "Normal" });
    expect((await ask("/v1/pods/default/nobody")).status).toBe(404);
    expect((await ask("/v2/pods")).status).toBe(404);
    expect((await ask("/v1/pods/default/web", "DELETE")).status).toBe(405);
    await tspod.ok(["rm", "-f", "web"]);
  });
});
