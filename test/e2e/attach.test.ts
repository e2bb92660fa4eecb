import { existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, type TspodRoot } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { host, sleepOfItsOwn } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";
import { Terminal } from "./support/terminal.ts";

const tspod = scenario();

/** The folder of a container's running attempt. */
async function folderOf(root: TspodRoot, name: string, container: string): Promise<string> {
  const { metadata } = await root.inspect(name);
  return join(root.dir, "run/tspod/pods", metadata.uid, "containers", container, "0");
}

const state = async (name: string) => (await tspod.inspect(name)).status.containerStatuses[0].state;

/** Joins a container, gives it a line, and goes when it has answered. */
async function says(name: string, input: string, answer: RegExp): Promise<void> {
  const command = tspod.start(["attach", "-i", name, "-q"], { input });
  await command.printed(answer);
  command.child.kill("SIGKILL");
}

describe("attach", () => {
  it("feeds standard input, which stays open while nobody is there, and ends with the container's code", async () => {
    const reader = sh("a", "while read line; do echo got $line; [ $line = end ] && exit 7; done; echo eof", {
      stdin: true,
    });
    await tspod.ok(["run", "-d", tspod.manifest(pod("in", [reader]))]);
    const socket = statSync(join(await folderOf(tspod, "in", "a"), "attach"));
    expect([socket.isSocket(), socket.mode & 0o777]).toEqual([true, 0o600]);
    // Without a terminal, what is typed first goes in and nothing of it is lost; the end of ours is not the container's.
    const first = tspod.start(["attach", "-i", "in"], { input: "one\n" });
    await eventually(() => first.stdout === "got one\n");
    first.child.kill("SIGKILL");
    expect((await state("in")).running).toBeDefined();
    const watching = tspod.start(["attach", "in"]);
    await eventually(async () => {
      await says("in", "two\n", /got two/);
      return watching.stdout.includes("got two\n");
    });
    const last = await tspod.run(["attach", "-i", "in"], { input: "end\n" });
    expect(last).toMatchObject({ code: 7, stdout: "got end\n" });
    expect(await watching.outcome()).toMatchObject({ code: 7 });
    expect(await tspod.ok(["logs", "in"])).toMatch(/^got one\ngot two\n(got two\n)*got end\n$/);
    await tspod.ok(["rm", "-f", "in"]);
  });

  it("ends the input with the first who gave some, where stdinOnce says so", async () => {
    const once = sh(
      "a",
      "while [ ! -e /go ]; do echo tick; sleep 0.1; done; cat; echo done; trap exit TERM; while :; do sleep 3600 & wait; done",
      { stdin: true, stdinOnce: true },
    );
    await tspod.ok(["run", "-d", tspod.manifest(pod("once", [once]))]);
    // Who only looked on does not count.
    const looking = tspod.start(["attach", "once"]);
    await eventually(() => looking.stdout.includes("tick\n"));
    looking.child.kill("SIGKILL");
    await tspod.ok(["exec", "once", "--", "touch", "/go"]);
    await eventually(async () => !(await tspod.ok(["logs", "once", "--since=300ms"])).includes("tick"));
    expect(await tspod.ok(["logs", "once"])).not.toContain("done");
    const giving = tspod.start(["attach", "-i", "once"], { input: "all\n" });
    await eventually(() => giving.stdout.endsWith("all\ndone\n"));
    giving.child.kill("SIGKILL");
    await tspod.ok(["rm", "-f", "once"]);
  });

  it("tells standard error apart, copies all of much output, and drops who takes nothing", async () => {
    const text = "a line that is long enough to fill the buffers of a socket soon";
    const noisy = sh(
      "a",
      `while read x; do [ "$x" = flood ] && break; echo "$x"; done; echo to-err >&2; yes '${text}' | head -n 40000; exit 0`,
      { stdin: true },
    );
    await tspod.ok(["run", "-d", tspod.manifest(pod("noisy", [noisy]))]);
    const stopped = tspod.start(["attach", "noisy"]);
    await eventually(async () => {
      await says("noisy", "there?\n", /there\?/);
      return stopped.stdout.includes("there?\n");
    });
    stopped.child.kill("SIGSTOP");
    const { code, stdout, stderr } = await tspod.run(["attach", "-i", "noisy"], { input: "flood\n" });
    stopped.child.kill("SIGKILL");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "to-err\n" });
    expect(stdout).toBe(`${text}\n`.repeat(40_000));
    await tspod.ok(["rm", "-f", "noisy"]);
  });

  it("is a terminal where the container has one: size, Ctrl-C, Ctrl-P Ctrl-Q, exit code", async () => {
    const shell = { name: "a", image: "busybox", command: ["sh"], stdin: true, tty: true };
    await tspod.ok(["run", "-d", tspod.manifest(pod("shell", [shell]))]);
    const first = new Terminal(tspod, "exec $TSPOD attach -it shell", { rows: 31, columns: 99 });
    await first.shows(/try pressing enter/);
    first.type("\r");
    await first.shows(/# /);
    await eventually(async () => {
      first.type("stty size\r");
      return /\n31 99\r\n/.test(first.shown);
    });
    first.resize(20, 60);
    await eventually(async () => {
      first.type("stty size\r");
      return /\n20 60\r\n/.test(first.shown);
    });
    const nap = sleepOfItsOwn();
    first.type(`${nap}\r`);
    // Before the shell has given the terminal back its signals, Ctrl-C is a key like any other.
    await eventually(() => host("ps", "-eo", "args=").split("\n").includes(nap));
    first.type("\u0003");
    first.type("echo code $?\r");
    await first.shows(/\ncode 130\r\n/);
    first.type("\u0010\u0011");
    expect(await first.ended()).toBe(0);
    expect((await state("shell")).running).toBeDefined();

    const second = new Terminal(tspod, "exec $TSPOD attach -it shell");
    await second.shows(/try pressing enter/);
    second.type("exit 5\r");
    expect(await second.ended()).toBe(5);
    await tspod.ok(["rm", "-f", "shell"]);
  });

  it("follows the log where there is no input, and leaves nothing of the host's open in a container", async () => {
    const talking = sh("a", "while :; do echo tick; sleep 0.1; done");
    await tspod.ok(["run", "-d", tspod.manifest(pod("out", [talking, idle("b", { stdin: true })]))]);
    expect(existsSync(join(await folderOf(tspod, "out", "a"), "attach"))).toBe(false);
    const following = tspod.start(["attach", "out", "-c", "a"]);
    await eventually(() => following.stdout.includes("tick\ntick\n"));
    following.child.kill("SIGKILL");
    const { pid } = (await tspod.inspect("out")).status.containerStatuses[1];
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(open.filter((target) => !target.startsWith("pipe:"))).toEqual([]);
    const refused = await tspod.run(["attach", "-i", "out", "-c", "a"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("its manifest does not say stdin: true");
    const noTerminal = tspod.start(["attach", "-t", "out", "-c", "b"]);
    await eventually(() =>
      noTerminal.stderr.includes("Unable to use a TTY - container b did not allocate one"),
    );
    noTerminal.child.kill("SIGKILL");
    await tspod.ok(["rm", "-f", "out"]);
  });
});

describe("run -i", () => {
  it("is the container's input and terminal, and ends with its code", async () => {
    const cat = tspod.manifest(pod("cat", [sh("a", "cat; exit 6")]));
    const piped = await tspod.run(["run", "-i", "-q", cat], { input: "one\ntwo\n" });
    expect(piped).toMatchObject({ code: 6 });
    expect(piped.stdout).toBe("a | one\na | two\n");
    const shell = tspod.manifest(pod("shell", [{ name: "a", image: "busybox", command: ["sh"] }]));
    const terminal = new Terminal(tspod, `exec $TSPOD run -it -q ${shell}`);
    await terminal.shows(/try pressing enter/);
    terminal.type("\r");
    await terminal.shows(/# /);
    terminal.type("tty; exit 9\r");
    await terminal.shows(/\/dev\/pts\/0/);
    expect(await terminal.ended()).toBe(9);
    expect((await tspod.run(["get", "pod", "shell"])).code).toBe(4);
    const two = await tspod.run(["run", "-i", cat, shell]);
    expect(two.code).toBe(2);
    expect(two.stderr).toContain("-i takes a single pod");
    const brief = tspod.manifest(pod("brief", [{ name: "a", image: "busybox", command: ["echo", "hi"] }]));
    const shown = new Terminal(tspod, `exec $TSPOD run -it -q ${brief}`);
    expect(await shown.ended()).toBe(0);
    expect(shown.shown.match(/hi\r+\n/g)).toHaveLength(1);
  });
});
