/**
 * The native addon, typed once. Every function throws an Error with `code` (symbolic errno), `errno` and
 * `syscall` when the system call fails. Descriptors are plain numbers; all are opened close-on-exec.
 */
export interface Addon {
  /**
   * clone3(CLONE_VM | CLONE_VFORK | flags) and execveat(exeFd, "", argv, env): nothing of Node's heap is copied and no
   * code of Node runs in the child. `fds[i]` becomes descriptor i in the child (-1: /dev/null); all others are closed.
   * Signals are reset to default and unblocked.
   */
  spawn(spec: {
    exeFd: number;
    argv: string[];
    env: string[];
    /** CLONE_NEW* of the new process. */
    flags: number;
    fds: number[];
    /** cgroup v2 directory to be born in, or -1. */
    cgroupFd: number;
    /** A session of its own, so that no terminal's Ctrl-C reaches it. */
    setsid: boolean;
  }): { pid: number; pidfd: number };
  /**
   * Raw clone3(2) without exec cannot be offered to a threaded runtime; unshare and setns act on the calling
   * thread.
   */
  unshare(flags: number): void;
  setns(fd: number, flags: number): void;
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  /** waitid(P_PIDFD, WEXITED | WNOHANG): undefined while it runs; ECHILD if it is not our child. */
  waitPidfd(pidfd: number): { code: number; signal: number } | undefined;
  /** poll(2) on descriptors for input; returns the indexes that are ready, [] on timeout. Milliseconds, -1 for ever. */
  poll(fds: number[], timeoutMs: number): number[];
  /**
   * Calls back once, from the event loop, when the descriptor becomes readable (a pidfd: when the process ended).
   * Returns a function that cancels.
   */
  watchReadable(fd: number, callback: () => void): () => void;
  pipe(): [number, number];
  socketpair(): [number, number];
  sendFds(socket: number, fds: number[]): void;
  recvFds(socket: number, timeoutMs: number): number[];
  /** One datagram to a unix socket; a path that begins with @ is a name of the abstract namespace. */
  sendDatagram(path: string, message: string): void;
  memfd(name: string, content: Uint8Array): number;
  /** fcntl(F_ADD_SEALS) with write, grow, shrink and seal. */
  seal(fd: number): void;
  /** flock(2); false if `nonBlocking` and it is held elsewhere. */
  flock(fd: number, mode: "exclusive" | "shared" | "unlock", nonBlocking: boolean): boolean;
  openat2(dirFd: number, path: string, flags: number, mode: number, resolve: number): number;
  mount(source: string, target: string, fstype: string, flags: number, data: string): void;
  umount2(target: string, flags: number): void;
  openTree(dirFd: number, path: string, flags: number): number;
  moveMount(fromFd: number, toFd: number, toPath: string, flags: number): void;
  /** mount_setattr(MOUNT_ATTR_IDMAP) on a detached mount. */
  mountIdMap(mount: number, userNamespace: number): void;
  mountSetattr(
    dirFd: number,
    path: string,
    flags: number,
    set: bigint,
    clear: bigint,
    propagation: bigint,
  ): void;
  fsopen(fstype: string): number;
  fsconfig(fd: number, key: string, value: string | null): void;
  fsconfigCreate(fd: number): void;
  fsmount(fd: number, attrs: number): number;
  pivotRoot(newRoot: string, putOld: string): void;
  /**
   * A netlink socket, opened in the network namespace of `netnsFd` (pidfd or nsfs; -1: ours). The thread is back in
   * its own namespace on return.
   */
  netlinkSocket(protocol: number, netnsFd: number): number;
  /**
   * Sends one buffer of netlink messages and reads until every message with NLM_F_ACK has been answered and every dump has ended.
   * Returns the reply messages other than acknowledgements, concatenated; throws the first error with `index`, the place of the failed message in the batch.
   */
  netlinkRequest(socket: number, messages: Uint8Array): Buffer;
  /** Terminal: TIOCGWINSZ / TIOCSWINSZ, and raw mode that returns the saved state for restore. */
  winsize(fd: number): { rows: number; columns: number };
  setWinsize(fd: number, rows: number, columns: number): void;
  rawMode(fd: number): Buffer;
  restoreMode(fd: number, saved: Buffer): void;
  /** Loads a cgroup device program (struct bpf_insn[]) and attaches it to a v2 cgroup. */
  bpfCgroupDevice(cgroupFd: number, program: Uint8Array): void;
}
