/*
 * Every operation of src/plan/container-op.ts: its name on the wire and the shape of its fields.
 *
 *   s string    i int32, -1 and up    u uint32    x uint64    b 0|1
 *   t pipes|tty|inherit   L list of strings   N list of uint32
 */
#ifndef TSPOD_OPS_H
#define TSPOD_OPS_H

#define TSPOD_OPS(X)                                                                                         \
  X(SETNS, setns, "setns", "iu")                                                                             \
  X(LOG, log, "log", "isxu")                                                                                 \
  X(EXIT_RECORD, exit_record, "exit-record", "isss")                                                         \
  X(ATTACH, attach, "attach", "issbb")                                                                       \
  X(CLONE, clone, "clone", "xit")                                                                            \
  X(ASIDE, aside, "aside", "tuu")                                                                            \
  X(CLONE_MAPPED, clone_mapped, "clone-mapped", "xuu")                                                       \
  X(GATE, gate, "gate", "")                                                                                  \
  X(UNSHARE, unshare, "unshare", "u")                                                                        \
  X(WRITE_FD, write_fd, "write-fd", "is")                                                                    \
  X(WRITE, write, "write", "ss")                                                                             \
  X(SETHOSTNAME, sethostname, "sethostname", "s")                                                            \
  X(SETDOMAINNAME, setdomainname, "setdomainname", "s")                                                      \
  X(SETSID, setsid, "setsid", "")                                                                            \
  X(UMASK, umask, "umask", "u")                                                                              \
  X(PDEATHSIG, pdeathsig, "pdeathsig", "u")                                                                  \
  X(KEYRING, keyring, "keyring", "")                                                                         \
  X(PROPAGATION, propagation, "propagation", "u")                                                            \
  X(MOUNT, mount, "mount", "sssus")                                                                          \
  X(OVERLAY, overlay, "overlay", "sLssL")                                                                    \
  X(TREE, tree, "tree", "issbb")                                                                             \
  X(ID_MAP, id_map, "id-map", "iiss")                                                                        \
  X(FS_USER, fs_user, "fs-user", "uu")                                                                       \
  X(ROOT, root, "root", "s")                                                                                 \
  X(MKDIR, mkdir, "mkdir", "su")                                                                             \
  X(FS, fs, "fs", "ssuL")                                                                                    \
  X(PROCFS, procfs, "procfs", "")                                                                            \
  X(BIND, bind, "bind", "ssbsbxxubi")                                                                        \
  X(DEV, dev, "dev", "suuu")                                                                                 \
  X(SYMLINK, symlink, "symlink", "ss")                                                                       \
  X(MASK, mask, "mask", "s")                                                                                 \
  X(READONLY, readonly, "readonly", "s")                                                                     \
  X(ROOT_ATTR, root_attr, "root-attr", "x")                                                                  \
  X(PROC_WRITE, proc_write, "proc-write", "ss")                                                              \
  X(PIVOT, pivot, "pivot", "")                                                                               \
  X(CHDIR, chdir, "chdir", "suu")                                                                            \
  X(CONSOLE, console, "console", "ibuu")                                                                     \
  X(STDIN_NULL, stdin_null, "stdin-null", "")                                                                \
  X(CHOWN_STDIO, chown_stdio, "chown-stdio", "uu")                                                           \
  X(RLIMIT, rlimit, "rlimit", "uxx")                                                                         \
  X(CAPS_BOUND, caps_bound, "caps-bound", "x")                                                               \
  X(USER, user, "user", "uuN")                                                                               \
  X(CAPS, caps, "caps", "xxxx")                                                                              \
  X(NO_NEW_PRIVS, no_new_privs, "no-new-privs", "")                                                          \
  X(SECCOMP, seccomp, "seccomp", "us")                                                                       \
  X(CLOSE_FDS, close_fds, "close-fds", "u")                                                                  \
  X(EXECVE, execve, "execve", "LLL")                                                                         \
  X(PAUSE, pause, "pause", "")

enum ts_op_code {
#define X(code, function, name, shape) TS_OP_##code,
  TSPOD_OPS(X)
#undef X
      TS_OP_COUNT
};

#endif
