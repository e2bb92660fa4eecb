import { closeSync, constants, openSync, renameSync } from "node:fs";
import { hasCode } from "../../errors/errno.ts";
import type { HostNetwork } from "../../net/index.ts";
import type { Netns, PortMapping } from "../../plan/host-op.ts";
import type { Addon } from "../addon.ts";
import { createCgroup, killCgroup, removeCgroup, removeCgroupIfEmpty, writeCgroup } from "../cgroup-fs.ts";
import { MNT_DETACH, MS_NODEV, MS_NOSUID } from "../constants.ts";
import { helperImage } from "../helper-image.ts";
import type { Helper, HelperSpec, Kernel, ProcessRef } from "../kernel.ts";
import { startTimeOf } from "../process-ref.ts";
import { loadProfile } from "./apparmor.ts";
import * as files from "./files.ts";
import { fsGroup } from "./fs-group.ts";
import { NativeNetwork } from "./network.ts";
import { mountOverlay, withMapped } from "./overlay.ts";
import { NativeProcesses, openDirectory } from "./processes.ts";
import { sysctlSet } from "./sysctl.ts";
import { unmountBelow } from "./unmount-below.ts";

/** The real system. The addon is loaded when a call first needs it: listing pods does not. */
export class NativeKernel implements Kernel {
  readonly #load: () => Addon;
  #net: NativeNetwork | undefined;
  #processes: NativeProcesses | undefined;

  constructor(load: () => Addon) {
    this.#load = load;
  }

  makeDirectory = files.makeDirectory;
  ensureDirectory = files.ensureDirectory;
  ensureExact = files.ensureExact;
  ensureFile = files.ensureFile;
  fsGroup = fsGroup;
  rename = renameSync;
  removeTree = files.removeTree;
  createFile = files.createFile;
  replaceFile = files.replaceFile;
  appendFile = files.appendFile;
  symlink = files.symlink;
  unlink = files.unlink;
  readFile = files.readFile;
  listDirectory = files.listDirectory;
  cgroupCreate = createCgroup;
  cgroupWrite = writeCgroup;
  cgroupKill = killCgroup;
  cgroupRemove = removeCgroup;
  cgroupRemoveIfEmpty = removeCgroupIfEmpty;
  sysctlSet = sysctlSet;
  openDirectory = openDirectory;
  close = closeSync;
  startTime = startTimeOf;

  private get net(): NativeNetwork {
    this.#net ??= new NativeNetwork(this.#load());
    return this.#net;
  }

  mountTmpfs(target: string, flags: number, data: string): void {
    this.#load().mount("tmpfs", target, "tmpfs", flags, data);
  }

  mountHugetlbfs(target: string, data: string): void {
    this.#load().mount("nodev", target, "hugetlbfs", MS_NOSUID | MS_NODEV, data);
  }

  mountOverlay(target: string, lowers: readonly string[], pid?: number): void {
    const mount = (from: readonly string[]) => mountOverlay(this.#load(), target, from);
    if (pid === undefined) {
      mount(lowers);
      return;
    }
    const namespace = this.openNamespace(pid, "user");
    try {
      withMapped(this.#load(), lowers, namespace, mount);
    } finally {
      closeSync(namespace);
    }
  }

  unmount(target: string): void {
    try {
      this.#load().umount2(target, MNT_DETACH);
    } catch (error) {
      // EINVAL: not a mount point; ENOENT: the folder is gone.
      if (!hasCode(error, "EINVAL", "ENOENT")) throw error;
    }
  }

  unmountBelow(path: string, options: { keep: readonly string[]; detach: boolean }): void {
    unmountBelow(this.#load(), path, options);
  }

  cgroupDevices(path: string, program: string): void {
    const fd = openDirectory(path);
    try {
      this.#load().bpfCgroupDevice(fd, Buffer.from(program, "hex"));
    } finally {
      closeSync(fd);
    }
  }

  bridgeAdd(name: string, address: string, prefixLength: number): void {
    this.net.bridgeAdd(name, address, prefixLength);
  }
  linkDelete(name: string): void {
    this.net.linkDelete(name);
  }
  vethAdd(pod: Helper, name: string, bridge: string, peer: string, podAddress: string): void {
    this.net.vethAdd(pod, name, bridge, peer, podAddress);
  }
  linkUp(pod: Helper | undefined, netns: Netns, name: string): void {
    this.net.linkUp(pod, netns, name);
  }
  addressAdd(
    pod: Helper | undefined,
    netns: Netns,
    name: string,
    address: string,
    prefixLength: number,
  ): void {
    this.net.addressAdd(pod, netns, name, address, prefixLength);
  }
  routeDefault(pod: Helper | undefined, netns: Netns, gateway: string, name: string): void {
    this.net.routeDefault(pod, netns, gateway, name);
  }
  nftTableAdd(table: string, bridge: string, subnet: string, uplinks: string[]): void {
    this.net.tableAdd(table, bridge, subnet, uplinks);
  }
  nftTableDelete(table: string): void {
    this.net.tableDelete(table);
  }
  nftPortsAdd(table: string, ports: readonly PortMapping[]): void {
    this.net.portsAdd(table, ports);
  }
  nftPortsDelete(table: string, ports: readonly PortMapping[]): void {
    this.net.portsDelete(table, ports);
  }
  uplinksClose(table: string): void {
    this.net.uplinksClose(table);
  }
  hostNetwork(): HostNetwork {
    return this.net.hostNetwork();
  }
  netClose(pod?: Helper): void {
    this.#net?.close(pod);
  }

  openWrite(path: string): number {
    return openSync(path, constants.O_WRONLY);
  }
  appArmorLoad = loadProfile;
  openNamespace(pid: number | "self", kind: string): number {
    return openSync(`/proc/${pid}/ns/${kind}`, constants.O_RDONLY);
  }
  startHelper(spec: HelperSpec): Helper {
    return this.process.start(spec);
  }
  nextEvent(helper: Helper, timeoutMs: number) {
    return this.process.next(helper, timeoutMs);
  }
  openGate(helper: Helper): void {
    this.process.openGate(helper);
  }
  release(helper: Helper): void {
    this.process.release(helper);
  }
  openProcess(process: ProcessRef): number | undefined {
    return this.process.open(process);
  }
  signal(pidfd: number, signal: number): void {
    this.process.signal(pidfd, signal);
  }
  ended(pidfd: number, timeoutMs: number): boolean {
    return this.process.ended(pidfd, timeoutMs);
  }
  onEnd(pidfd: number, callback: () => void): () => void {
    return this.process.onEnd(pidfd, callback);
  }

  private get process(): NativeProcesses {
    this.#processes ??= new NativeProcesses(this.#load(), helperImage);
    return this.#processes;
  }
}
