import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execute, unwind } from "../../../src/engine/execute.ts";
import { newHandles } from "../../../src/engine/handles.ts";
import { CLONE_NEWNET } from "../../../src/kernel/constants.ts";
import { loadAddon } from "../../../src/kernel/load-addon.ts";
import { NativeKernel } from "../../../src/kernel/native/index.ts";
import { startTimeOf } from "../../../src/kernel/process-ref.ts";
import { type Network, networkFor, networkOps } from "../../../src/net/index.ts";
import type { HostOp, PortMapping } from "../../../src/plan/host-op.ts";

const probe = join(import.meta.dirname, "probe.mjs");
/** For `ask`, where none is to answer. */
export const silence = { ms: 1000 };
let worlds = 0;

/** A pod: a network namespace held by a process that sleeps. */
export interface TestPod {
  uid: string;
  address: string;
  pid: number;
  undo: HostOp[];
}

/** Publishes a port of a pod whose address is not chosen yet. */
export type Wanted = Omit<PortMapping, "podIP">;

/**
 * A machine of its own, in two network namespaces: a host (198.51.100.2), in which this very thread works until
 * `close`, and a neighbour outside (198.51.100.1) that knows no route to pods.
 */
export class World {
  readonly kernel = new NativeKernel(loadAddon);
  readonly directory = mkdtempSync(join(tmpdir(), "tspt-net-"));
  readonly host: string;
  readonly outside: string;
  readonly #home = openSync("/proc/thread-self/ns/net", "r");
  readonly #processes = new Map<ChildProcess, TestPod | "outside" | undefined>();
  #pods = 0;

  constructor({ mtu = 1500 } = {}) {
    const id = `${process.pid}-${worlds++}`;
    this.host = `tspt-h-${id}`;
    this.outside = `tspt-o-${id}`;
    run("ip", "netns", "add", this.host);
    run("ip", "netns", "add", this.outside);
    const namespace = openSync(`/run/netns/${this.host}`, "r");
    loadAddon().setns(namespace, CLONE_NEWNET);
    closeSync(namespace);
    // A new namespace copies these from the machine, which may be a router.
    run("sysctl", "-w", "net.ipv4.ip_forward=0", "net.ipv4.conf.default.forwarding=0");
    // The link is to be the same whenever it is looked at: no address that comes by itself after a while.
    run("sysctl", "-w", "net.ipv6.conf.default.disable_ipv6=1");
    run("ip", "link", "set", "lo", "up");
    run(
      "ip",
      "link",
      "add",
      "up0",
      "mtu",
      `${mtu}`,
      "type",
      "veth",
      "peer",
      "name",
      "up0",
      "netns",
      this.outside,
    );
    run("ip", "addr", "add", "198.51.100.2/24", "dev", "up0");
    run("ip", "link", "set", "up0", "up");
    const there = ["netns", "exec", this.outside, "ip"];
    run("ip", ...there, "addr", "add", "198.51.100.1/24", "dev", "up0");
    run("ip", ...there, "link", "set", "up0", "up");
    run("ip", ...there, "link", "set", "lo", "up");
    run("ip", "route", "add", "default", "via", "198.51.100.1");
    while (!this.in(undefined, "ip", "link", "show", "up0").includes("state UP"));
  }

  /** A second neighbour, 203.0.113.1, on a link of its own (the host is 203.0.113.2 there). */
  async neighbour(): Promise<TestPod> {
    const there: TestPod = { uid: "", address: "203.0.113.1", pid: await this.#holder(), undo: [] };
    run("ip", "link", "add", "up1", "type", "veth", "peer", "name", "up1", "netns", `${there.pid}`);
    run("ip", "addr", "add", "203.0.113.2/24", "dev", "up1");
    run("ip", "link", "set", "up1", "up");
    this.in(there, "ip", "addr", "add", "203.0.113.1/24", "dev", "up1");
    this.in(there, "ip", "link", "set", "up1", "up");
    this.in(there, "ip", "route", "add", "default", "via", "203.0.113.2");
    while (!this.in(undefined, "ip", "link", "show", "up1").includes("state UP"));
    return there;
  }

  network(rootId = ""): Network {
    return networkFor({
      rootId,
      host: this.kernel.hostNetwork(),
      directory: join(this.directory, rootId || "default"),
    });
  }

  /** Starts a pod as the engine does: what is shared, the holder, what is its own. */
  async pod(network: Network, ports: Wanted[] = []): Promise<TestPod> {
    const number = ++this.#pods;
    const uid = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`.replace(
      /^00000000/,
      hex8(number),
    );
    const address = network.gateway.replace(/\.1$/, `.${number + 1}`);
    const ops = networkOps({
      uid,
      address,
      network,
      ports: ports.map((port) => ({ ...port, podIP: address })),
    });
    const handles = newHandles(uid, address);
    const undo: HostOp[] = [];
    const journal = { record: (more: readonly HostOp[]) => undo.unshift(...[...more].reverse()) };
    const options = { kernel: this.kernel, handles, journal: journal as never };
    execute(ops.beforeHolder, options);
    const pid = await this.#holder();
    for (const op of ops.holder) {
      if (op.op !== "write") throw new Error(`unexpected holder op ${op.op}`);
      run("nsenter", "-t", `${pid}`, "-n", "sh", "-c", `echo ${op.data} > ${op.path}`);
    }
    handles.holder = {
      process: { pid, startTime: startTimeOf(pid) ?? "" },
      pidfd: loadAddon().pidfdOpen(pid),
      events: -1,
      gate: -1,
    };
    try {
      execute(ops.afterHolder, options);
    } catch (error) {
      this.stop({ uid, address, pid, undo });
      throw error;
    } finally {
      this.kernel.netClose(handles.holder);
      closeSync(handles.holder.pidfd);
    }
    return { uid, address, pid, undo };
  }

  /** Ends the pod's namespace and takes back the rest, as `tspod rm` does. */
  stop(pod: TestPod): void {
    const { uid, address, pid, undo } = pod;
    for (const [child, where] of this.#processes) if (where === pod) child.kill("SIGKILL");
    process.kill(pid, "SIGKILL");
    const failures = unwind(undo, { kernel: this.kernel, handles: newHandles(uid, address) });
    if (failures[0]) throw failures[0];
  }

  /** Runs a command on the host (undefined), outside, or in a pod; its output, also that of a failure. */
  in(where: TestPod | "outside" | undefined, ...command: string[]): string {
    const [program = "", ...args] = [...this.#enter(where), ...command];
    const { stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
    if (error) throw error;
    return stdout + stderr;
  }

  /** What a server says, "" if none answers in `ms`. `from`: the asking socket's port (UDP). */
  ask(
    where: TestPod | "outside" | undefined,
    protocol: "tcp" | "udp",
    address: string,
    port: number,
    { from = 0, ms = 20_000 } = {},
  ): string {
    const target = [protocol, address, `${port}`, `${from}`, `${ms}`];
    return this.in(where, process.execPath, probe, "ask", ...target);
  }

  /** Starts a server and waits until it listens. */
  async serve(
    where: TestPod | "outside" | undefined,
    name: string,
    port: number,
    address = "0.0.0.0",
  ): Promise<number> {
    const command = [process.execPath, probe, "serve", name, address, `${port}`];
    const child = this.#start([...this.#enter(where), ...command], where);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", (code) => reject(new Error(`server ${name} ended with ${code}`)));
    });
    return child.pid ?? 0;
  }

  async close(): Promise<void> {
    for (const child of this.#processes.keys()) child.kill("SIGKILL");
    this.kernel.netClose();
    loadAddon().setns(this.#home, CLONE_NEWNET);
    closeSync(this.#home);
    run("ip", "netns", "del", this.host);
    run("ip", "netns", "del", this.outside);
    rmSync(this.directory, { recursive: true });
  }

  async #holder(): Promise<number> {
    const own = readlinkSync("/proc/thread-self/ns/net");
    const pid = this.#start(["unshare", "--net", "sleep", "infinity"]).pid ?? 0;
    while (readlinkSync(`/proc/${pid}/ns/net`) === own) await sleep(2);
    return pid;
  }

  #enter(where: TestPod | "outside" | undefined): string[] {
    if (where === undefined) return [];
    return where === "outside"
      ? ["ip", "netns", "exec", this.outside]
      : ["nsenter", "-t", `${where.pid}`, "-n"];
  }

  #start([program = "", ...args]: string[], where?: TestPod | "outside"): ChildProcess {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#processes.set(child, where);
    return child;
  }
}

function hex8(number: number): string {
  return number.toString(16).padStart(8, "0");
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
}
