import type { HostNetwork } from "../../net/index.ts";
import type { Netns, PortMapping } from "../../plan/host-op.ts";
import type { Helper, HelperEvent, HelperSpec, Kernel, ProcessRef } from "../kernel.ts";
import { eventsOf } from "./helper-events.ts";
import { FakeTree, systemError } from "./tree.ts";

interface FakeProcess {
  spec: HelperSpec;
  /** The events its pipe holds, in order. */
  queue: HelperEvent[];
  gated: boolean;
  alive: boolean;
  /** Where it and its children live. */
  cgroups: Set<string>;
}

/**
 * A kernel in memory. It keeps what the real one keeps (files, mounts, cgroups, links, table, processes) and the
 * rules that matter to clean-up: a veth goes with its namespace's last process, a cgroup with processes cannot be
 * removed. `failAt` makes the n-th call that changes something throw instead.
 */
export class FakeKernel implements Kernel {
  readonly tree: FakeTree;
  readonly mounts = new Set<string>();
  readonly links = new Map<string, { holder?: number }>();
  readonly tables = new Map<string, Set<string>>();
  readonly sysctls = new Map<string, string>();
  readonly processes = new Map<number, FakeProcess>();
  readonly openFds = new Map<number, string>();
  /** Names of all changing calls so far. */
  readonly calls: string[] = [];
  failAt = -1;
  #pid = 1000;
  #fd = 10;

  constructor(given: readonly string[] = []) {
    this.tree = new FakeTree(given);
  }

  makeDirectory(path: string, mode: number): void {
    this.#change("mkdir");
    this.tree.add(path, { kind: "dir", mode }, "mkdir");
  }
  ensureDirectory(path: string, mode: number): void {
    this.#change("mkdir");
    this.tree.ensure(path, mode);
  }
  ensureExact(path: string, mode: number): void {
    this.ensureDirectory(path, mode);
  }
  fsGroup(): void {
    this.#change("chown");
  }
  rename(from: string, to: string): void {
    this.#change("rename");
    this.tree.move(from, to);
  }
  ensureFile(path: string, mode: number): void {
    this.#change("open");
    if (!this.tree.nodes.has(path)) this.tree.add(path, { kind: "file", data: "", mode }, "open");
  }
  removeTree(path: string): void {
    const mounted = [...this.mounts].find((each) => each === path || each.startsWith(`${path}/`));
    if (mounted) throw systemError("EBUSY", "rm", mounted);
    this.tree.removeAll(path);
  }
  createFile(path: string, data: string | Uint8Array, mode: number): void {
    this.#change("open");
    this.tree.add(
      path,
      { kind: "file", data: typeof data === "string" ? data : Buffer.from(data).toString("utf8"), mode },
      "open",
    );
  }
  replaceFile(path: string, data: string, mode: number): void {
    this.#change("rename");
    this.tree.nodes.delete(path);
    this.tree.add(path, { kind: "file", data, mode }, "open");
  }
  appendFile(path: string, data: string): void {
    const old = this.readFile(path) ?? "";
    this.tree.nodes.delete(path);
    this.tree.add(path, { kind: "file", data: old + data, mode: 0o600 }, "open");
  }
  symlink(target: string, path: string): void {
    this.#change("symlink");
    this.tree.add(path, { kind: "link", target }, "symlink");
  }
  unlink(path: string): void {
    this.tree.nodes.delete(path);
  }
  readFile(path: string): string | undefined {
    const node = this.tree.nodes.get(path);
    return node?.kind === "file" ? node.data : undefined;
  }
  listDirectory(path: string): string[] {
    return this.tree.children(path);
  }

  mountTmpfs(target: string): void {
    this.#change("mount");
    if (!this.tree.nodes.has(target)) throw systemError("ENOENT", "mount", target);
    this.mounts.add(target);
  }
  mountHugetlbfs(target: string): void {
    this.mountTmpfs(target);
  }
  mountOverlay(target: string): void {
    this.mountTmpfs(target);
  }
  unmount(target: string): void {
    this.mounts.delete(target);
  }
  unmountBelow(path: string, { keep }: { keep: readonly string[] }): void {
    for (const each of this.mounts)
      if ((each === path || each.startsWith(`${path}/`)) && !keep.includes(each)) this.mounts.delete(each);
  }

  cgroupCreate(path: string, shared: boolean): void {
    this.#change("mkdir");
    if (shared && this.tree.nodes.has(path)) return;
    this.tree.add(path, { kind: "dir", mode: 0o755 }, "mkdir");
  }
  cgroupWrite(): void {
    this.#change("write");
  }
  cgroupDevices(): void {
    this.#change("bpf");
  }
  cgroupRemove(path: string): void {
    this.cgroupKill(path);
    this.tree.removeAll(path);
  }
  cgroupRemoveIfEmpty(path: string): void {
    if (this.tree.children(path).length === 0) this.tree.nodes.delete(path);
  }
  cgroupKill(path: string): void {
    for (const [pid, process] of this.processes) {
      if ([...process.cgroups].some((each) => each === path || each.startsWith(`${path}/`))) this.#end(pid);
    }
  }

  bridgeAdd(name: string): void {
    this.#change("RTM_NEWLINK");
    this.links.set(name, this.links.get(name) ?? {});
  }
  linkDelete(name: string): void {
    this.links.delete(name);
  }
  vethAdd(pod: Helper, name: string): void {
    this.#change("RTM_NEWLINK");
    if (this.links.has(name)) throw systemError("EEXIST", "RTM_NEWLINK", name);
    this.links.set(name, { holder: pod.process.pid });
  }
  linkUp(_pod: Helper | undefined, _netns: Netns, _name: string): void {
    this.#change("RTM_NEWLINK");
  }
  addressAdd(): void {
    this.#change("RTM_NEWADDR");
  }
  routeDefault(): void {
    this.#change("RTM_NEWROUTE");
  }
  sysctlSet(key: string, value: string): void {
    this.#change("write");
    this.sysctls.set(key, value);
  }
  nftTableAdd(table: string): void {
    this.#change("nft");
    this.tables.set(table, this.tables.get(table) ?? new Set());
  }
  nftTableDelete(table: string): void {
    this.tables.delete(table);
  }
  uplinksClose(_table: string): void {
    for (const key of [...this.sysctls.keys()]) this.sysctls.delete(key);
  }
  nftPortsAdd(table: string, ports: readonly PortMapping[]): void {
    this.#change("nft");
    const elements = this.tables.get(table);
    if (!elements) throw systemError("ENOENT", "nft", table);
    for (const port of ports) {
      if (elements.has(portKey(port))) throw systemError("EEXIST", "nft", portKey(port));
    }
    for (const port of ports) elements.add(portKey(port));
  }
  nftPortsDelete(table: string, ports: readonly PortMapping[]): void {
    for (const port of ports) this.tables.get(table)?.delete(portKey(port));
  }
  hostNetwork(): HostNetwork {
    return { routes: [], addresses: [], uplinks: [], ipv6: false };
  }
  netClose(): void {}

  openDirectory(path: string): number {
    return this.#open(path);
  }
  openWrite(path: string): number {
    return this.#open(path);
  }
  appArmorLoad(): void {
    this.#change("write");
  }
  openNamespace(pid: number | "self", kind: string): number {
    return this.#open(`${kind} namespace of ${pid}`);
  }
  close(fd: number): void {
    if (!this.openFds.delete(fd)) throw systemError("EBADF", "close", String(fd));
  }

  startHelper(spec: HelperSpec): Helper {
    this.#change("clone3");
    const pid = ++this.#pid;
    const { queue, successor } = eventsOf(spec, () => ++this.#pid);
    const cgroups = new Set([spec.cgroup]);
    const gated = spec.ops.at(-1)?.op !== "pause";
    const alive = successor === undefined;
    this.processes.set(pid, { spec, queue, gated, alive, cgroups });
    if (!alive) this.processes.set(successor, { spec, queue: [], gated, alive: true, cgroups });
    return {
      process: { pid, startTime: String(pid) },
      pidfd: this.#open(`pidfd:${pid}`),
      events: this.#open("events"),
      gate: this.#open("gate"),
    };
  }
  nextEvent(helper: Helper): HelperEvent | "end" | "timeout" {
    this.#change("read");
    return this.processes.get(helper.process.pid)?.queue.shift() ?? "end";
  }
  openGate(helper: Helper): void {
    this.#change("write");
    this.processes.get(helper.process.pid)?.queue.push({ kind: "exec", step: 0, time: 0n });
    const process = this.processes.get(helper.process.pid);
    if (process) process.gated = false;
    this.close(helper.gate);
    helper.gate = -1;
  }
  release(helper: Helper): void {
    const process = this.processes.get(helper.process.pid);
    if (process?.gated) this.#end(helper.process.pid);
    for (const fd of [helper.events, helper.gate, helper.pidfd]) if (fd !== -1) this.close(fd);
    helper.events = helper.gate = helper.pidfd = -1;
  }
  startTime(pid: number): string | undefined {
    return this.processes.get(pid)?.alive ? String(pid) : undefined;
  }
  openProcess({ pid }: ProcessRef): number | undefined {
    return this.processes.get(pid)?.alive ? this.#open(`pidfd:${pid}`) : undefined;
  }
  signal(pidfd: number, signal: number): void {
    if (signal === 9) this.#end(Number(this.openFds.get(pidfd)?.slice("pidfd:".length)));
  }
  ended(): boolean {
    return true;
  }
  onEnd(_pidfd: number, callback: () => void): () => void {
    queueMicrotask(callback);
    return () => {};
  }

  /** What is left: empty when all has been taken back. */
  left(): string[] {
    return [
      ...[...this.processes].filter(([, { alive }]) => alive).map(([pid]) => `process ${pid}`),
      ...[...this.mounts].map((path) => `mount ${path}`),
      ...[...this.links.keys()].map((name) => `link ${name}`),
      ...[...this.tables.keys()].map((name) => `table ${name}`),
      ...[...this.sysctls.keys()].map((name) => `sysctl ${name}`),
      ...[...this.openFds.values()].map((what) => `descriptor ${what}`),
    ];
  }

  #change(call: string): void {
    this.calls.push(call);
    if (this.calls.length - 1 === this.failAt) throw systemError("EIO", call, "(injected)");
  }

  #open(what: string): number {
    const fd = ++this.#fd;
    this.openFds.set(fd, what);
    return fd;
  }

  #end(pid: number): void {
    const process = this.processes.get(pid);
    if (process) process.alive = false;
    for (const [name, link] of [...this.links]) if (link.holder === pid) this.links.delete(name);
  }
}

function portKey({ protocol, hostIP, hostPort }: PortMapping): string {
  return `${hostIP}/${hostPort}/${protocol}`;
}
