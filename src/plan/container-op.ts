/**
 * Operations carried out by the static helper (native/helper), in the order given, from a sealed plan.
 *
 * One op list serves all three modes of the helper. Ops before `clone` run in stage 1, the process that
 * tspod starts; ops after `clone` run in its child, stage 2, while stage 1 becomes the container's monitor
 * (or, for `exec`, the waiting parent). A list without `clone` that ends in `pause` makes a holder.
 *
 * Paths called *host paths* are resolved plainly, in the mount namespace the process is in: they must be
 * tspod's own. Paths called *root paths* are resolved with openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
 * beneath the container's root filesystem and acted on by descriptor, so no symlink of an image can lead out.
 *
 * All numbers are the kernel's (flags already numeric); 64-bit masks are bigint.
 */
export type ContainerOp =
  // ---- stage 1: before the clone ------------------------------------------------------------------
  /** setns(2) through a pidfd or an nsfs descriptor; `flags` are CLONE_NEW* or 0 for "whatever the fd is". */
  | { op: "setns"; fd: number; flags: number }
  /**
   * Where stage 1 writes the container's output in the kubelet's log format; rotation keeps `maxFiles` files of
   * `maxBytes`.
   */
  | { op: "log"; dirFd: number; name: string; maxBytes: number; maxFiles: number }
  /**
   * Where stage 1 records the exit (written to a temporary name, synced, renamed; see docs/protocol.md). `oomFile`: host path of
   * memory.events / memory.oom_control, opened here so that kills are counted from now on, or "". `killFile`: host path of the
   * leaf's cgroup.kill, written when the first process has ended, or "": for containers that share their PID namespace.
   */
  | { op: "exit-record"; dirFd: number; name: string; oomFile: string; killFile: string }
  /**
   * A socket in the folder, which the monitor serves (native/helper/attach.c), and a FIFO for the size of the terminal.
   * `stdin`: the container's input is a pipe (or the terminal) that those who attach feed; `once`: the first to have done so
   * ends it.
   */
  | { op: "attach"; dirFd: number; name: string; sizes: string; stdin: boolean; once: boolean }
  /**
   * clone3(2). `cgroupFd` ≥ 0 adds CLONE_INTO_CGROUP. `stdio`: pipes pumped by the monitor; a terminal whose master
   * the monitor holds (`console` with sockFd -1 sends it); or what stage 1 has (exec). Standard input is stage 1's
   * in every case until `stdin-null` or `console`.
   */
  | { op: "clone"; flags: number; cgroupFd: number; stdio: "pipes" | "tty" | "inherit" }
  /**
   * Splits stage 1: the ops up to `clone` run in a process aside, which ends there, while the child that `clone` makes is
   * stage 1's own. So stage 1 joins none of the namespaces that the container is born in. `uid` and `gid`, as the host
   * sees them, get the pipes of `stdio` (which counts in place of `clone`'s).
   */
  | { op: "aside"; stdio: "pipes" | "tty" | "inherit"; uid: number; gid: number }
  /**
   * clone3(2) with CLONE_NEWUSER and `flags`, whose child has ids 0 to `size`-1 for the host's `first` and up. Its parent
   * writes the maps, sends CLONED and ends; the rest of the list is the child's, a child of tspod's (CLONE_PARENT).
   */
  | { op: "clone-mapped"; flags: number; first: number; size: number }
  // ---- either stage -------------------------------------------------------------------------------
  /** Emits a GATE event and waits for one byte on the gate descriptor; end of file there means: give up. */
  | { op: "gate" }
  | { op: "unshare"; flags: number }
  /** write(2) of `data` to an open descriptor ("0" to a v1 cgroup's `tasks` enters it). */
  | { op: "write-fd"; fd: number; data: string }
  /** Writes `data` to an existing host path. */
  | { op: "write"; path: string; data: string }
  | { op: "sethostname"; name: string }
  | { op: "setdomainname"; name: string }
  | { op: "setsid" }
  | { op: "umask"; mask: number }
  /**
   * prctl(PR_SET_PDEATHSIG), failing with ESRCH if the parent has died meanwhile; set again after `user`, which
   * makes the kernel forget it. Stage 2's parent is stage 1.
   */
  | { op: "pdeathsig"; signal: number }
  /**
   * keyctl(KEYCTL_JOIN_SESSION_KEYRING): a session keyring of its own, so the host's keys are out of reach. Nothing
   * to do on a kernel without keyrings.
   */
  | { op: "keyring" }
  // ---- the root filesystem ------------------------------------------------------------------------
  /** mount(2) with target "/" and no source: propagation of everything (MS_REC | MS_PRIVATE …). */
  | { op: "propagation"; flags: number }
  /** mount(2) between host paths. */
  | { op: "mount"; source: string; target: string; fstype: string; flags: number; data: string }
  /**
   * Mounts an overlay on a host path: `lowers` top first, at most 500, any text a path may have; `options` are flags
   * (`volatile`). Where fsconfig(2) cannot take the layers one by one (before Linux 6.8, or a path of more than 255 bytes),
   * mount(2) gets them by descriptor.
   */
  | {
      op: "overlay";
      target: string;
      lowers: readonly string[];
      upper: string;
      work: string;
      options: string[];
    }
  /**
   * Keeps a detached copy of the mounts at a host path (and `subPath`, as for `bind`) as descriptor `fd`, a number that
   * nothing else uses. Taken before `propagation` it stays a peer of the host's mount.
   */
  | { op: "tree"; fd: number; source: string; subPath: string; createSubPath: boolean; recursive: boolean }
  /**
   * mount_setattr(MOUNT_ATTR_IDMAP) on the detached mount of descriptor `fd`: files of id 0 on disk are shown as those of
   * the root of the user namespace behind descriptor `by`. A device node stays as it is. `of` is the host path, `volume` the
   * pod's name for it or "", for messages.
   */
  | { op: "id-map"; fd: number; by: number; of: string; volume: string }
  /** setfsuid and setfsgid: whose files are that the process, or an overlay it mounts, makes. Capabilities stay. */
  | { op: "fs-user"; uid: number; gid: number }
  /** Opens the host path as the container's root; every root path after this is beneath it. */
  | { op: "root"; path: string }
  /**
   * A folder and its missing parents at a root path, `mode` exact whatever the umask; an existing folder is left as
   * it is.
   */
  | { op: "mkdir"; path: string; mode: number }
  /**
   * fsopen/fsconfig/fsmount a new filesystem and move it to a root path. `attrs`: MOUNT_ATTR_*. `options`:
   * "key=value" or "flag". A missing target becomes a folder. No component of the target may be a symlink, but for
   * a tmpfs. The mount of fstype `proc` also becomes the handle of `proc-write`.
   */
  | { op: "fs"; fstype: string; target: string; attrs: number; options: string[] }
  /** A detached procfs, never attached, as the handle of `proc-write` (for exec). */
  | { op: "procfs" }
  /**
   * open_tree a host path (then, if not "", `subPath` beneath it with RESOLVE_BENEATH, so that no symlink leads out of
   * the volume; a missing one is created as folders, with the mode of the volume, when `createSubPath`), set attributes, move it to a root path.
   * A missing target is created as what the source is (fstat): a folder or an empty file. `set`/`clear`: MOUNT_ATTR_*, on the
   * mounts below too when `attrsRecursive`; `propagation`: MS_* or 0. A folder upon /proc or a folder of it is refused (EPERM).
   * `tree` ≥ 0: what is bound is that descriptor, of an earlier `tree`. Fields on the wire in this order.
   */
  | {
      op: "bind";
      source: string;
      subPath: string;
      createSubPath: boolean;
      target: string;
      recursive: boolean;
      set: number;
      clear: number;
      propagation: number;
      attrsRecursive: boolean;
      tree: number;
    }
  /**
   * mknod at a root path whose folder is there: a character device, or with S_IFBLK in the mode a block device. The same
   * device already there is fine.
   */
  | { op: "dev"; path: string; mode: number; major: number; minor: number }
  /** symlink(2) at a root path whose folder is there; an existing name is EEXIST. */
  | { op: "symlink"; path: string; target: string }
  /**
   * Hides a root path: a folder under an empty read-only tmpfs, a file under the container's own, verified, null
   * device. A path that is not there is passed over.
   */
  | { op: "mask"; path: string }
  /** Makes a root path read-only by a bind of itself. A path that is not there is passed over. */
  | { op: "readonly"; path: string }
  /** mount_setattr on the root mount itself, not recursive. */
  | { op: "root-attr"; set: number }
  /**
   * Writes to a file of a detached copy of the procfs mount (`self/oom_score_adj`, `sys/net/…`), RESOLVE_NO_XDEV:
   * masks and mounts upon /proc are not in its way.
   */
  | { op: "proc-write"; path: string; data: string }
  /** pivot_root(".", ".") onto the root, which must be a mount point, and the old root made a slave and detached. */
  | { op: "pivot" }
  // ---- the process --------------------------------------------------------------------------------
  /**
   * chdir inside the new root, created if missing (owner uid:gid, mode 0755), magic links refused, and proven to be
   * inside by getcwd(2): EXDEV otherwise.
   */
  | { op: "chdir"; path: string; uid: number; gid: number }
  /**
   * A terminal from the container's own devpts: its master goes over `sockFd` (-1: to the monitor), the slave
   * becomes stdio and the controlling terminal (setsid if needed); `bind` also puts it on /dev/console. `rows` 0:
   * no size.
   */
  | { op: "console"; sockFd: number; bind: boolean; rows: number; columns: number }
  /** The container's own /dev/null, verified to be 1:3, as descriptor 0. */
  | { op: "stdin-null" }
  /**
   * Gives the stdio pipes or the terminal (made for the container, never the host's: nothing happens to what stage
   * 1 was started with) to the user, so that /dev/stdout can be reopened. A terminal keeps its group.
   */
  | { op: "chown-stdio"; uid: number; gid: number }
  | { op: "rlimit"; resource: number; soft: bigint; hard: bigint }
  /** Drops everything from the bounding set that is not in `mask`. */
  | { op: "caps-bound"; mask: bigint }
  /**
   * setgroups, setresgid, setresuid. Permitted capabilities stay permitted and effective until the `caps` op that
   * follows. uid or gid 4294967295 is EINVAL.
   */
  | { op: "user"; uid: number; gid: number; groups: number[] }
  | { op: "caps"; effective: bigint; permitted: bigint; inheritable: bigint; ambient: bigint }
  | { op: "no-new-privs" }
  /** seccomp(SECCOMP_SET_MODE_FILTER); `filter`: struct sock_filter[] in hexadecimal. */
  | { op: "seccomp"; flags: number; filter: string }
  /** close_range: every descriptor from `from` on is closed (stage 2: marked close-on-exec). */
  | { op: "close-fds"; from: number }
  // ---- the last op --------------------------------------------------------------------------------
  /**
   * execve(2) of the first of `candidates` that is there; the errno of the best failure otherwise (EACCES before ENOENT). Before it:
   * umask (022 unless `umask` said otherwise), default signals, every descriptor from 3 on closed. EPERM (ioctl) when 0, 1 or 2 is
   * a terminal that `console` did not make: a terminal of the host is not handed over.
   */
  | { op: "execve"; candidates: string[]; argv: string[]; env: string[] }
  /**
   * The holder: drops all capabilities, closes all descriptors, takes its seccomp filter, sends PAUSED, reaps as
   * PID 1 and sleeps until TERM, INT or KILL. As PID 1 it heeds TERM and INT only from outside its PID namespace.
   */
  | { op: "pause" };

export type ContainerOpName = ContainerOp["op"];
