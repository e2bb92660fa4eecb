import { join } from "node:path";
import { MS_NODEV, MS_NOSUID } from "../../kernel/constants.ts";
import type { HostOp } from "../host-op.ts";

/** A file of a projected volume: path relative to the volume. */
export interface ProjectedFile {
  path: string;
  data: Uint8Array;
  mode: number;
}

export interface ProjectionOptions {
  now: Date;
  /** The group that may read all of it. */
  fsGroup?: number | undefined;
}

/**
 * The kubelet's atomic-writer layout: files in `..<time>`, `..data` → that folder, and each first path component
 * a link through `..data`, so that an update is one rename. On a tmpfs of its own with `memory`, the options that keep it
 * there: what is secret reaches no disk.
 */
export function projectionOps(
  path: string,
  files: readonly ProjectedFile[],
  options: ProjectionOptions & { memory?: readonly string[] | undefined },
): HostOp[] {
  const stamp = stampOf(options.now);
  return [
    folder(path, options),
    ...(options.memory ? [tmpfs(path, options, options.memory)] : []),
    ...contentOps(join(path, stamp), files, options),
    { op: "symlink", path: join(path, "..data"), target: stamp },
    ...firstNames(files).map((name): HostOp => link(path, name)),
  ];
}

/** What is in a projection's folder now, `readdir` order. */
export interface ProjectionUpdate {
  /** Can fail and be undone: the old content is still what everybody sees. */
  prepare: HostOp[];
  /** From the rename on everybody sees the new content. */
  commit: HostOp[];
}

/** Changes a projection's content as the kubelet does: all of it in one rename of `..data`. */
export function projectionUpdate(
  path: string,
  names: readonly string[],
  files: readonly ProjectedFile[],
  options: ProjectionOptions,
): ProjectionUpdate {
  let { now } = options;
  while (names.includes(stampOf(now))) now = new Date(now.getTime() + 1);
  const stamp = stampOf(now);
  const temporary = join(path, "..data_tmp");
  const wanted = firstNames(files);
  const visible = names.filter((name) => !name.startsWith(".."));
  return {
    prepare: [
      // Left over by a command that was killed here.
      { op: "unlink", path: temporary },
      ...contentOps(join(path, stamp), files, options),
      { op: "symlink", path: temporary, target: stamp },
    ],
    commit: [
      { op: "rename", from: temporary, to: join(path, "..data") },
      ...wanted.filter((name) => !visible.includes(name)).map((name): HostOp => link(path, name)),
      ...visible
        .filter((name) => !wanted.includes(name))
        .map((name): HostOp => ({ op: "unlink", path: join(path, name) })),
      ...names
        .filter((name) => STAMP.test(name))
        .map((name): HostOp => ({ op: "remove-tree", path: join(path, name) })),
    ],
  };
}

const STAMP = /^\.\.\d{4}_/;

function stampOf(now: Date): string {
  return `..${now.toISOString().replace(/[-:T]/g, "_").replace(/Z$/, "").replace(".", ".000000")}`;
}

function firstNames(files: readonly ProjectedFile[]): string[] {
  return [...new Set(files.map(({ path }) => path.split("/")[0] as string))];
}

function link(path: string, name: string): HostOp {
  return { op: "symlink", path: join(path, name), target: `..data/${name}` };
}

function folder(path: string, { fsGroup }: ProjectionOptions): HostOp {
  return fsGroup === undefined
    ? { op: "mkdir", path, mode: 0o755 }
    : { op: "mkdir", path, mode: 0o2755, gid: fsGroup };
}

function tmpfs(path: string, { fsGroup }: ProjectionOptions, more: readonly string[]): HostOp {
  const own = fsGroup === undefined ? ["mode=755"] : ["mode=2755", `gid=${fsGroup}`];
  const data = [...own, ...more].join(",");
  // No noexec: a script in a Secret is run where it is mounted.
  return { op: "mount-tmpfs", target: path, flags: MS_NOSUID | MS_NODEV, data };
}

function contentOps(path: string, files: readonly ProjectedFile[], options: ProjectionOptions): HostOp[] {
  const { fsGroup } = options;
  const ops: HostOp[] = [folder(path, options)];
  const made = new Set<string>();
  // Of two files with one path the later one counts, as in the kubelet's map of the payload.
  const payload = [...new Map(files.map((file) => [file.path, file])).values()];
  for (const file of payload) {
    const parents = file.path.split("/").slice(0, -1);
    parents.forEach((_, index) => {
      const parent = parents.slice(0, index + 1).join("/");
      if (!made.has(parent)) ops.push(folder(join(path, parent), options));
      made.add(parent);
    });
    ops.push({
      op: "write-file",
      path: join(path, file.path),
      data: Buffer.from(file.data).toString("base64"),
      encoding: "base64",
      // The kubelet opens what is read-only to the group for reading, whatever its mode.
      mode: fsGroup === undefined ? file.mode : file.mode | 0o440,
      ...(fsGroup === undefined ? {} : { uid: 0, gid: fsGroup }),
    });
  }
  return ops;
}
