import { readlinkSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { host, pidsOf, sleepOfItsOwn } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";
import { Terminal } from "./support/terminal.ts";

const tspod = scenario();

/** A pid of the host whose command line is exactly this. */
function pidOf(commandLine: string): number {
  const line = host("ps", "-eo", "pid=,args=")
    .split("\n")
    .find((one) => one.trim().replace(/^\d+ +/, "") === commandLine);
  return Number.parseInt(line?.trim() ?? "", 10);
}

describe("exec -it", () => {
  it("is a real terminal: size, resize, Ctrl-C, Ctrl-D and exit code", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("shell", [idle("a")]))]);
    const terminal = new Terminal(tspod, "exec $TSPOD exec -it shell -- sh", { rows: 33, columns: 101 });
    await terminal.shows(/# /);
    terminal.type("stty size; tty; echo TERM=$TERM\r");
    await terminal.shows(/\n33 101\r\n\/dev\/pts\/\d+\r\nTERM=xterm\r\n/);
    terminal.resize(20, 60);
    // The kernel tells the shell with SIGWINCH; what asks afterwards sees the new size.
    await eventually(async () => {
      terminal.type("stty size\r");
      return /\n20 60\r\n/.test(terminal.shown);
    });

    const nap = sleepOfItsOwn();
    terminal.type(`${nap}\r`);
    const sleeper = await eventually(() => pidOf(nap) || undefined);
    // The container's own devpts, and no descriptor of the host beside it.
    expect(readlinkSync(`/proc/${sleeper}/fd/0`)).toMatch(/^\/dev\/pts\/\d+$/);
    expect(statSync(`/proc/${sleeper}/fd/0`).dev).not.toBe(statSync("/dev/pts").dev);
    terminal.type("\u0003");
    terminal.type("echo code $?\r");
    await terminal.shows(/\ncode 130\r\n/);
    await eventually(() => !pidOf(nap));

    terminal.type("echo now cat; cat\r");
    await terminal.shows(/\nnow cat\r\n/);
    terminal.type("typed\r");
    await terminal.shows(/typed\r\ntyped\r\n/);
    terminal.type("\u0004");
    terminal.type("exit 7\r");
    expect(await terminal.ended()).toBe(7);
    await tspod.ok(["rm", "-f", "shell"]);
  });

  it("puts the terminal back as it was, however the command ends", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("restored", [idle("a")]))]);
    for (const ending of ["exit 3", "kill -KILL $$"]) {
      const terminal = new Terminal(
        tspod,
        `before=$(stty -g); $TSPOD exec -it restored -- sh -c '${ending}'; echo code $?; [ "$(stty -g)" = "$before" ] && echo same`,
      );
      await terminal.shows(ending === "exit 3" ? /code 3\r\nsame/ : /code 137\r\nsame/);
      expect(await terminal.ended()).toBe(0);
    }
    await tspod.ok(["rm", "-f", "restored"]);
  });

  it("does not hand over the caller's terminal: nothing can be typed into it from inside (A20)", async () => {
    const probe = buildProbe(tspod);
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(
        pod("pusher", [idle("a", { volumeMounts: [probe.mount] })], { volumes: [probe.volume] }),
      ),
    ]);
    const terminal = new Terminal(
      tspod,
      "$TSPOD exec -it pusher -- /probe/probe push 'echo pwned'; echo tried; read -t 1 line; echo got=$line=",
    );
    await terminal.shows(/tried/);
    await terminal.shows(/got=.*=/);
    expect(terminal.shown).toMatch(/got==/);
    expect(await terminal.ended()).toBe(0);
    await tspod.ok(["rm", "-f", "pusher"]);
  });

  it("goes away with its window", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("window", [idle("a")]))]);
    const terminal = new Terminal(tspod, "exec $TSPOD exec -it window -- sh");
    await terminal.shows(/# /);
    const nap = sleepOfItsOwn();
    terminal.type(`${nap}\r`);
    await eventually(() => pidOf(nap) || undefined);
    terminal.hangUp();
    await terminal.ended();
    await eventually(() => !pidOf(nap));
    await tspod.ok(["rm", "-f", "window"]);
  });

  it("without a terminal says so and goes on", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("plain", [idle("a")]))]);
    const outcome = await tspod.run(["exec", "-it", "plain", "--", "sh", "-c", "tty; cat"], {
      input: "text",
    });
    expect(outcome).toMatchObject({ code: 0, stdout: "not a tty\ntext" });
    expect(outcome.stderr).toContain("Unable to use a TTY - input is not a terminal");
    await tspod.ok(["rm", "-f", "plain"]);
  });
});

describe("run at a terminal", () => {
  const polite = "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.1; done";

  it("colours names, stops gracefully at Ctrl-C and ends with the pod's exit code", async () => {
    const file = tspod.manifest(pod("front", [sh("server", polite), idle("b")]));
    const terminal = new Terminal(tspod, `exec $TSPOD run ${file}`);
    await terminal.shows(/ready/);
    expect(terminal.shown).toContain("\u001b[36mserver |\u001b[39m ready");
    const { of } = await pidsOf(tspod, "front");
    // The signal of the keyboard goes to the terminal's processes: the containers are not among them.
    expect(host("ps", "-o", "tty=", "-p", String(of("server"))).trim()).toBe("?");
    terminal.type("\u0003");
    await terminal.shows(/bye/);
    expect(await terminal.ended()).toBe(4);
  });

  it("whose window is closed stops the pod", async () => {
    const file = tspod.manifest(pod("closed", [sh("a", polite)]));
    const terminal = new Terminal(tspod, `exec $TSPOD run ${file}`);
    await terminal.shows(/ready/);
    terminal.hangUp();
    await terminal.ended();
    await eventually(async () => (await tspod.run(["ps", "-a"])).stdout === "");
  });
});
