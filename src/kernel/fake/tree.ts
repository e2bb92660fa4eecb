import { posix } from "node:path";

export type Node =
  | { kind: "dir"; mode: number }
  | { kind: "file"; data: string; mode: number }
  | { kind: "link"; target: string };

/** An errno as the real calls throw it. */
export function systemError(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}

/** A file system in memory: absolute paths to nodes. The root and what `given` names are there from the start. */
export class FakeTree {
  readonly nodes = new Map<string, Node>();

  constructor(given: readonly string[] = []) {
    this.nodes.set("/", { kind: "dir", mode: 0o755 });
    for (const path of given) this.ensure(path);
  }

  ensure(path: string, mode = 0o755): void {
    if (this.nodes.has(path)) return;
    this.ensure(posix.dirname(path), mode);
    this.nodes.set(path, { kind: "dir", mode });
  }

  add(path: string, node: Node, syscall: string): void {
    const parent = this.nodes.get(posix.dirname(path));
    if (!parent) throw systemError("ENOENT", syscall, path);
    if (parent.kind !== "dir") throw systemError("ENOTDIR", syscall, path);
    if (this.nodes.has(path)) throw systemError("EEXIST", syscall, path);
    this.nodes.set(path, node);
  }

  children(path: string): string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    return [...this.nodes.keys()]
      .filter((each) => each !== path && each.startsWith(prefix) && !each.slice(prefix.length).includes("/"))
      .map((each) => each.slice(prefix.length))
      .sort();
  }

  /** rename(2) of what has nothing below it. */
  move(from: string, to: string): void {
    const node = this.nodes.get(from);
    if (!node) throw systemError("ENOENT", "rename", from);
    this.nodes.delete(from);
    this.nodes.set(to, node);
  }

  removeAll(path: string): void {
    for (const each of [...this.nodes.keys()]) {
      if (each === path || each.startsWith(`${path}/`)) this.nodes.delete(each);
    }
  }
}
