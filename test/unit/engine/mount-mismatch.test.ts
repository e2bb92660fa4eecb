import { describe, expect, it } from "vitest";
import { containerOpFailed } from "../../../src/engine/errors.ts";
import { mountMismatch } from "../../../src/engine/mount-mismatch.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";

const bind: Extract<ContainerOp, { op: "bind" }> = {
  op: "bind",
  source: "/lib/pods/u/volumes/configmap~conf",
  subPath: "",
  createSubPath: false,
  target: "/etc/app",
  recursive: true,
  set: 0,
  clear: 0,
  propagation: 0,
  attrsRecursive: false,
  tree: -1,
};
const said = (op: ContainerOp, errno: string, there = true) =>
  mountMismatch("container a", op, { errno, syscall: "move_mount" }, () => there)?.message;

describe("a mount that does not fit", () => {
  it("is told as what it is, of a volume, a part of it, or the termination log", () => {
    expect(said(bind, "ENOTDIR")).toBe(
      'container a: volume "conf" is a folder, and cannot be mounted on /etc/app: a file is there, or on the way',
    );
    expect(said({ ...bind, subPath: "key" }, "EISDIR")).toBe(
      'container a: key of volume "conf" is a file, and cannot be mounted on /etc/app: a folder is there',
    );
    expect(said({ ...bind, source: "/lib/pods/u/containers/a/0/termination-log" }, "EISDIR")).toMatch(
      /^container a: the termination log is a file/,
    );
    expect(said(bind, "EROFS")).toMatch(
      /cannot be mounted on \/etc\/app: it lies in a volume that is read-only/,
    );
  });

  it("by a subPath that is not there is not taken for a false mountPath", () => {
    const part = { ...bind, subPath: "nokey" };
    for (const errno of ["ENOENT", "ENOTDIR"])
      expect(said(part, errno, false)).toBe('container a: subPath "nokey" is not in volume "conf"');
    const { source, subPath } = part;
    const tree: ContainerOp = { op: "tree", fd: 200, source, subPath, createSubPath: false, recursive: true };
    expect(said(tree, "ENOENT", false)).toBe('container a: subPath "nokey" is not in volume "conf"');
  });

  it("names /dev/null where it was to mask files and is something else", () => {
    expect(said({ op: "mask", path: "/proc/keys" }, "ENODEV")).toMatch(/\/dev\/null is not the null device/);
    expect(said({ op: "mask", path: "/proc/keys" }, "EPERM")).toBeUndefined();
  });

  it("is an error of the whole, with errno and call; other failures keep their step", () => {
    const failure = { step: 0, errno: "EISDIR", syscall: "move_mount" };
    expect(containerOpFailed("container a", [{ ...bind, subPath: "k" }], failure)).toMatchObject({
      code: "TS5109",
      errno: "EISDIR",
      syscall: "move_mount",
    });
    expect(containerOpFailed("container a", [bind], { ...failure, errno: "EIO" }).code).toBe("TS5002");
    const forbidden = containerOpFailed("container a", [bind], { ...failure, errno: "EPERM" });
    expect(forbidden.hint).toContain("/etc/app is / or in /proc");
  });
});
