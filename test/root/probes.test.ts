import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandTimedOut, runCommand } from "../../src/pod/handler/command.ts";
import { execProbe } from "../../src/pod/handler/exec.ts";
import { httpProbe } from "../../src/pod/handler/http-probe.ts";
import type { HandlerTarget } from "../../src/pod/handler/target.ts";
import { tcpProbe } from "../../src/pod/handler/tcp.ts";
import { HookFailed, runHook } from "../../src/pod/hook/index.ts";
import { listPods } from "../../src/pod/views.ts";
import { openHost } from "../../src/runtime/open-host.ts";
import { idle, pod, web } from "../e2e/support/pods.ts";
import { expectNoLeaks, snapshot } from "../support/leak-check.ts";
import { eventually, TspodRoot } from "../support/tspod.ts";

const tspod = new TspodRoot();
const before = snapshot(tspod.dir);
const second = { timeoutMs: 60_000 };
let app: HandlerTarget;
let page: HandlerTarget;

beforeAll(async () => {
  const containers = [
    idle("app", { env: [{ name: "SAID", value: "hello" }] }),
    web("page", 8080, "front", { ports: [{ name: "http", containerPort: 8080 }] }),
  ];
  await tspod.ok(["run", "-d", tspod.manifest(pod("probed", containers))]);
  app = targetOf("probed", "app");
  page = targetOf("probed", "page");
});

function targetOf(podName: string, name: string): HandlerTarget {
  const host = openHost({ root: tspod.dir });
  const view = listPods(host).find(({ record }) => record.name === podName);
  const container = view?.record.pod.spec?.containers.find((one) => one.name === name);
  const attempt = view?.containers.find((one) => one.name === name)?.attempts.at(-1)?.record;
  if (!view || !container || !attempt) throw new Error(`no container ${name} in pod ${podName}`);
  return { host, pod: view.record, podIP: view.sandbox.ip, container, attempt };
}

/** The port of a server that takes connections and says nothing. */
async function listening(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

afterAll(async () => {
  await tspod.run(["rm", "-f", "probed"]);
  await expectNoLeaks(before);
  await tspod.dispose();
});

/** Processes of the container beside its own two, as the host sees them. */
function strangers(target: HandlerTarget): string[] {
  return ownCgroups(target)
    .flatMap((name) => readFileSync(`${target.attempt.cgroup}/${name}/cgroup.procs`, "utf8").split("\n"))
    .filter((pid) => pid !== "");
}

function ownCgroups({ attempt }: HandlerTarget): string[] {
  return readdirSync(attempt.cgroup).filter((name) => name.startsWith("tspod-exec-"));
}

/** Children of this process that have ended and were not waited for. */
function zombies(): string[] {
  return readdirSync("/proc/self/task")
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, "latin1").split(" "))
    .filter((pid) => pid !== "" && existsSync(`/proc/${pid}/stat`))
    .filter((pid) => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
}

describe("exec", () => {
  it("succeeds with exit code 0 and fails with any other, with what the command said", async () => {
    expect(await execProbe(app, ["sh", "-c", "echo fine; echo well >&2"], second)).toEqual({
      result: "success",
      output: "fine\nwell\n",
    });
    expect(await execProbe(app, ["sh", "-c", "echo ill; exit 3"], second)).toEqual({
      result: "failure",
      output: "ill\n",
    });
  });

  it("runs as the container does: its environment, its namespaces, its limits", async () => {
    const { stdout } = await runCommand(
      app,
      ["sh", "-c", "echo $SAID; hostname; tr '\\0' ' ' < /proc/1/cmdline"],
      second,
    );
    expect(stdout).toMatch(/^hello\nprobed\nsh -c trap/);
  });

  it("has $(NAME) replaced by plain variables of the manifest", async () => {
    expect((await execProbe(app, ["echo", "$(SAID)", "$$(SAID)", "$(NOPE)"], second)).output).toBe(
      "hello $(SAID) $(NOPE)\n",
    );
  });

  it("throws when the command cannot be started, which is no verdict", async () => {
    await expect(execProbe(app, ["no-such-command"], second)).rejects.toThrow(
      'container app: exec: "no-such-command": executable file not found in $PATH',
    );
  });

  it("leaves no zombies, however it ends", async () => {
    await execProbe(app, ["true"], second);
    await execProbe(app, ["no-such-command"], second).catch(() => undefined);
    await execProbe(app, ["sleep", "1234"], { timeoutMs: 100 });
    await runCommand(app, ["true"], { timeoutMs: 0 }).catch(() => undefined);
    await eventually(() => zombies().length === 0, { what: "no zombies" });
    expect(ownCgroups(app)).toEqual([]);
  });

  it("kills a command that takes too long, and whatever it has started", async () => {
    const daemon = "(setsid sleep 1234 >/dev/null 2>&1 &); sleep 1234 & sleep 1234";
    const begun = execProbe(app, ["sh", "-c", daemon], { timeoutMs: 3000 });
    await eventually(() => strangers(app).length === 3, { what: "the daemons" });
    expect(await begun).toEqual({
      result: "failure",
      output: `command timed out: ${JSON.stringify(`sh -c ${daemon}`)} timed out after 3s`,
    });
    expect(ownCgroups(app)).toEqual([]);
    expect(existsSync(`/proc/${app.attempt.process?.pid}`)).toBe(true);
  });

  it("lets live what a command that has ended has left, and does not wait for it", async () => {
    const { stdout } = await runCommand(app, ["sh", "-c", "sleep 4321 & echo left"], second);
    expect(stdout).toBe("left\n");
    expect(strangers(app)).toHaveLength(1);
    for (const pid of strangers(app)) process.kill(Number(pid), "SIGKILL");
    await eventually(() => strangers(app).length === 0);
    await runCommand(app, ["true"], second);
    expect(ownCgroups(app)).toEqual([]);
  });

  it("keeps 10 KiB of what is said, and lets the command say the rest", async () => {
    const { output, result } = await execProbe(
      app,
      ["sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo >&2 end"],
      second,
    );
    expect(result).toBe("success");
    expect(output).toBe("x".repeat(10240));
  });

  it("ends at once when nobody waits for it any more", async () => {
    const given = new AbortController();
    const run = runCommand(app, ["sleep", "1234"], { timeoutMs: 30_000, signal: given.signal });
    await eventually(() => strangers(app).length === 1);
    given.abort();
    await expect(run).rejects.toThrow("context canceled");
    await expect(run).rejects.not.toBeInstanceOf(CommandTimedOut);
    expect(strangers(app)).toEqual([]);
  });
});

describe("over the bridge", () => {
  it("reaches a server of the pod by number and by name", async () => {
    for (const port of [8080, "http"]) {
      expect(await httpProbe(page, { port, path: "/" }, second)).toEqual({
        result: "success",
        output: "front\n",
      });
    }
    expect(await httpProbe(page, { port: 8080, path: "/none" }, second)).toEqual({
      result: "failure",
      output: "HTTP probe failed with statuscode: 404",
    });
    expect(await tcpProbe(page.podIP, 8080, second)).toEqual({ result: "success", output: "" });
  });

  it("says that nobody listens as the kubelet does", async () => {
    const refused = `dial tcp ${page.podIP}:81: connect: connection refused`;
    expect(await tcpProbe(page.podIP, 81, second)).toEqual({ result: "failure", output: refused });
    expect(await httpProbe(page, { port: 81, path: "/x?y" }, second)).toEqual({
      result: "failure",
      output: `Get "http://${page.podIP}:81/x?y": ${refused}`,
    });
  });
});

describe("hooks", () => {
  it("run in the container", async () => {
    await runHook(app, { exec: { command: ["sh", "-c", "echo $SAID > /hooked"] } });
    expect((await runCommand(app, ["cat", "/hooked"])).stdout).toBe("hello\n");
    await runHook(page, { httpGet: { port: "http", path: "/" } });
  });

  it("fail in the kubelet's words", async () => {
    const name = `probed_default(${app.pod.uid})`;
    const failing = runHook(app, { exec: { command: ["sh", "-c", "echo no; echo way >&2; exit 4"] } });
    await expect(failing).rejects.toThrow(HookFailed);
    await expect(failing).rejects.toThrow(
      `Exec lifecycle hook ([sh -c echo no; echo way >&2; exit 4]) for Container "app" in Pod "${name}" failed - error: command 'sh -c echo no; echo way >&2; exit 4' exited with 4: way\n, message: "no\\nway\\n"`,
    );
    await expect(runHook(page, { httpGet: { port: 81, path: "/bye" } })).rejects.toThrow(
      `HTTP lifecycle hook (/bye) for Container "page" in Pod "${name}" failed - error: Get "http://${page.podIP}:81/bye": dial tcp`,
    );
  });

  it("end with their container", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("brief", [idle("brief")]))]);
    const brief = targetOf("brief", "brief");
    const hooks = [
      { sleep: { seconds: 100 } },
      { httpGet: { host: "127.0.0.1", port: await listening(), path: "/" } },
      { exec: { command: ["sh", "-c", "trap '' TERM; sleep 1234"] } },
    ];
    const ends = Promise.allSettled(hooks.map((hook) => runHook(brief, hook)));
    await tspod.ok(["stop", "brief"]);
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await expect(runHook(brief, { sleep: { seconds: 100 } })).rejects.toThrow("before sleep hook finished");
    await tspod.ok(["rm", "brief"]);
  });

  it("are cut short when their time is up, and leave nothing", async () => {
    const hung = runHook(app, { exec: { command: ["sh", "-c", "sleep 1234 & wait"] } }, { timeoutMs: 300 });
    await expect(hung).rejects.toThrow(/timed out after 0.3s/);
    expect(strangers(app)).toEqual([]);
    const begun = performance.now();
    await expect(runHook(app, { sleep: { seconds: 100 } }, { timeoutMs: 50 })).rejects.toThrow(
      "container terminated before sleep hook finished",
    );
    expect(performance.now() - begun).toBeLessThan(90_000);
  });
});
