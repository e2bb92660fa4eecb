import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

/** A mount of this process's mount namespace (proc_pid_mountinfo(5)). */
export interface Mount {
  point: string;
  /** The file system's name: `ext4`. */
  type: string;
  /** In a peer group: what is mounted below it appears in its peers. */
  shared: boolean;
  /** Receives mounts from a peer group. */
  slave: boolean;
}

/** All mounts, a mount after the one it is on. */
export function readMountTable(text = readFileSync("/proc/self/mountinfo", "utf8")): Mount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const fields = line.split(" ");
      // Optional fields stand between the sixth and a lone hyphen.
      const hyphen = fields.indexOf("-");
      const tags = fields.slice(6, hyphen);
      return {
        point: unescaped(fields[4] ?? ""),
        type: fields[hyphen + 1] ?? "",
        shared: tags.some((tag) => tag.startsWith("shared:")),
        slave: tags.some((tag) => tag.startsWith("master:")),
      };
    });
}

/** Space, tab, newline and backslash stand there in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The mount that a path is on, or will be on once it is made; symlinks count as what they mean. */
export function mountOf(path: string, table = readMountTable()): Mount {
  const real = realPath(path);
  const inside = (point: string) => point === "/" || point === real || real.startsWith(`${point}/`);
  return table.reduce((best, each) =>
    inside(each.point) && (!inside(best.point) || each.point.length >= best.point.length) ? each : best,
  );
}

/** Points at the path and below it, one for each mount: several may be on top of each other. */
export function mountsBelow(path: string, table = readMountTable()): string[] {
  const real = realPath(path);
  return table.map(({ point }) => point).filter((point) => point === real || point.startsWith(`${real}/`));
}

function realPath(path: string): string {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  return realpathSync(existing) + path.slice(existing.length);
}
