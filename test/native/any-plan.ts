import fc from "fast-check";
import type { ContainerOp, ContainerOpName } from "../../src/plan/container-op.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 }).map((value) => value.replaceAll("\0", ""));
const texts = fc.array(text, { maxLength: 12 });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const fd = fc.integer({ min: -1, max: 0x7fff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const size = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const flag = fc.boolean();

type FieldsOf<N extends ContainerOpName> = {
  [K in Exclude<keyof Extract<ContainerOp, { op: N }>, "op">]: fc.Arbitrary<
    Extract<ContainerOp, { op: N }>[K]
  >;
};

/** Any value of each op's fields, in the order of container-op.ts. */
const FIELDS: { [N in Exclude<ContainerOpName, "clone" | "execve" | "pause">]: FieldsOf<N> } = {
  setns: { fd, flags: u32 },
  log: { dirFd: fd, name: text, maxBytes: size, maxFiles: u32 },
  "exit-record": { dirFd: fd, name: text, oomFile: text, killFile: text },
  gate: {},
  unshare: { flags: u32 },
  "write-fd": { fd, data: text },
  write: { path: text, data: text },
  sethostname: { name: text },
  setdomainname: { name: text },
  setsid: {},
  umask: { mask: u32 },
  pdeathsig: { signal: u32 },
  keyring: {},
  propagation: { flags: u32 },
  mount: { source: text, target: text, fstype: text, flags: u32, data: text },
  overlay: { target: text, lowers: texts, upper: text, work: text, options: texts },
  tree: { fd, source: text, subPath: text, createSubPath: flag, recursive: flag },
  aside: { stdio: fc.constantFrom("pipes" as const, "tty" as const, "inherit" as const), uid: u32, gid: u32 },
  "clone-mapped": { flags: u32, first: u32, size: u32 },
  "id-map": { fd, by: fd, of: text, volume: text },
  "fs-user": { uid: u32, gid: u32 },
  root: { path: text },
  mkdir: { path: text, mode: u32 },
  fs: { fstype: text, target: text, attrs: u32, options: texts },
  procfs: {},
  bind: {
    source: text,
    subPath: text,
    createSubPath: flag,
    target: text,
    recursive: flag,
    set: size,
    clear: size,
    propagation: u32,
    attrsRecursive: flag,
    tree: fd,
  },
  dev: { path: text, mode: u32, major: u32, minor: u32 },
  symlink: { path: text, target: text },
  mask: { path: text },
  readonly: { path: text },
  "root-attr": { set: size },
  "proc-write": { path: text, data: text },
  pivot: {},
  chdir: { path: text, uid: u32, gid: u32 },
  console: { sockFd: fd, bind: flag, rows: u32, columns: u32 },
  "stdin-null": {},
  attach: { dirFd: fd, name: text, sizes: text, stdin: flag, once: flag },
  "chown-stdio": { uid: u32, gid: u32 },
  rlimit: { resource: u32, soft: u64, hard: u64 },
  "caps-bound": { mask: u64 },
  user: { uid: u32, gid: u32, groups: fc.array(u32, { maxLength: 8 }) },
  caps: { effective: u64, permitted: u64, inheritable: u64, ambient: u64 },
  "no-new-privs": {},
  seccomp: { flags: u32, filter: text },
  "close-fds": { from: u32 },
};

const middle = fc.oneof(
  ...Object.entries(FIELDS).map(([op, fields]) =>
    fc.record({ op: fc.constant(op), ...fields } as Record<string, fc.Arbitrary<unknown>>),
  ),
) as fc.Arbitrary<ContainerOp>;

const clone: fc.Arbitrary<ContainerOp> = fc.record({
  op: fc.constant("clone" as const),
  flags: u32,
  cgroupFd: fd,
  stdio: fc.constantFrom("pipes" as const, "tty" as const, "inherit" as const),
});
const execve: fc.Arbitrary<ContainerOp> = fc.record({
  op: fc.constant("execve" as const),
  candidates: texts,
  argv: texts,
  env: texts,
});

/** Any list of ops that the helper accepts: at most one clone, execve or pause at the end. */
export function anyPlan(): fc.Arbitrary<ContainerOp[]> {
  const middles = fc.array(middle, { maxLength: 30 });
  return fc.oneof(
    fc
      .tuple(middles, clone, middles, execve)
      .map(([before, op, after, last]) => [...before, op, ...after, last]),
    middles.map((ops): ContainerOp[] => [...ops, { op: "pause" }]),
  );
}
