import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { codeOf, hasCode } from "../../errors/errno.ts";
import { TspodError } from "../../errors/tspod-error.ts";
import { RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS } from "../../kernel/constants.ts";
import { loadAddon } from "../../kernel/load-addon.ts";

const INSIDE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * A local folder that files of a container come down in. Every path is a list of components that the kernel resolves
 * beneath the folder's descriptor without following any symlink, so that neither names in the archive nor links that
 * are already there lead out (CVE-2018-1002100, CVE-2019-1002101, CVE-2019-11246).
 */
export class Landing {
  readonly #root: number;
  readonly #where: string;
  /** Modes are given last: a folder without write permission has to be filled first. */
  readonly #modes = new Map<string, { path: string[]; mode: number }>();

  constructor(folder: string) {
    this.#where = folder;
    this.#root = openSync(folder, O_RDONLY | O_DIRECTORY);
  }

  /** Makes a folder and those on the way to it; [] is the landing itself. */
  folder(path: readonly string[], mode?: number): void {
    for (let depth = 1; depth <= path.length; depth++) this.#makeOne(path.slice(0, depth));
    if (mode !== undefined && path.length > 0)
      this.#modes.set(path.join("/"), { path: [...path], mode: mode & 0o777 });
  }

  /** Opens a file for writing, emptied, made if need be; the caller closes it with `close`. */
  file(path: readonly string[]): number {
    this.folder(path.slice(0, -1));
    const fd = this.#open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      if (!fstatSync(fd).isFile()) throw this.#refused(path, "it is there and is no regular file");
      ftruncateSync(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
  }

  /** Set-uid and set-gid bits are not taken over: the file belongs to whoever runs tspod now. */
  close(fd: number, mode: number): void {
    try {
      fchmodSync(fd, mode & 0o777);
    } finally {
      closeSync(fd);
    }
  }

  /** A hardlink of the archive: the content again, so that files of the landing do not share an inode. */
  copy(from: readonly string[], to: readonly string[]): void {
    const source = this.#open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    try {
      const stat = fstatSync(source);
      if (!stat.isFile()) throw this.#refused(from, "it is no regular file");
      const target = this.file(to);
      const chunk = Buffer.allocUnsafe(1 << 16);
      for (let got = readSync(source, chunk); got > 0; got = readSync(source, chunk))
        writeAll(target, chunk.subarray(0, got));
      this.close(target, stat.mode);
    } finally {
      closeSync(source);
    }
  }

  /** Gives the folders their modes, the innermost first. */
  finish(): void {
    for (const { path, mode } of [...this.#modes.values()].reverse()) {
      const fd = this.#open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
      try {
        fchmodSync(fd, mode);
      } finally {
        closeSync(fd);
      }
    }
    this.#modes.clear();
  }

  release(): void {
    closeSync(this.#root);
  }

  #makeOne(path: readonly string[]): void {
    const name = path.at(-1) ?? "";
    const parent = this.#open(path.slice(0, -1), O_RDONLY | O_DIRECTORY, 0);
    try {
      // The descriptor's link is ours; mkdir(2) follows none in the last component.
      mkdirSync(`/proc/self/fd/${parent}/${name}`, 0o700);
      this.#modes.set(path.join("/"), { path: [...path], mode: 0o755 });
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      closeSync(this.#open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
    } finally {
      closeSync(parent);
    }
  }

  #open(path: readonly string[], flags: number, mode: number): number {
    const relative = path.length === 0 ? "." : path.join("/");
    try {
      return loadAddon().openat2(this.#root, relative, flags, mode, INSIDE);
    } catch (error) {
      const code = codeOf(error);
      const why: Record<string, string> = {
        ELOOP: "there is a symbolic link, which is not followed",
        ENOTDIR: "there is a symbolic link, which is not followed, or no folder",
        EISDIR: "there is a folder",
        ENXIO: "it is there and is no regular file",
      };
      throw this.#refused(path, why[code ?? ""] ?? code ?? String(error), error);
    }
  }

  #refused(path: readonly string[], why: string, cause?: unknown): TspodError {
    const at = [this.#where.replace(/\/$/, ""), ...path].join("/");
    return new TspodError({
      code: "TS3444",
      message: `${at} cannot be written: ${why}`,
      path: at,
      hint: "remove it, or copy to another folder",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** All of it: a write(2) may take a part. */
export function writeAll(fd: number, data: Uint8Array): void {
  for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
}
