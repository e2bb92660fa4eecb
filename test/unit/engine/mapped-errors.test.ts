import { expect, it } from "vitest";
import { containerOpFailed } from "../../../src/engine/errors.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";

const aside: ContainerOp = { op: "aside", stdio: "pipes", uid: 1, gid: 1 };
const idMap: ContainerOp = { op: "id-map", fd: 200, by: 10, of: "/proc/sys", volume: "data" };
const overlay: ContainerOp = {
  op: "overlay",
  target: "/r",
  lowers: ["/l"],
  upper: "/u",
  work: "/w",
  options: [],
};
const proc: ContainerOp = { op: "fs", fstype: "proc", target: "/proc", attrs: 0, options: [] };

it.each([
  [idMap, "EINVAL", "mount_setattr", 'volume "data" (/proc/sys) is on file system proc (/proc)', "TS5106"],
  [
    { ...idMap, volume: "" },
    "EINVAL",
    "mount_setattr",
    "container a: /proc/sys is on file system proc",
    "TS5106",
  ],
  [overlay, "EINVAL", "fsconfig", "cannot stack layers that are shown with the pod's ids", "TS5106"],
  [proc, "EPERM", "fsmount", "this machine's own /proc is covered by another mount", "TS5107"],
] as [ContainerOp, string, string, string, string][])(
  "%o failing with %s in %s is said in words",
  (op, errno, syscall, words, code) => {
    const failure = { step: 1, errno, syscall };
    const error = containerOpFailed("container a", [aside, op], failure);
    expect(error).toMatchObject({ code, errno, syscall, exitCode: 3 });
    expect(error.message).toContain(words);
    // Without a user namespace it means something else.
    expect(containerOpFailed("container a", [proc, op], failure).code).toBe("TS5002");
    expect(containerOpFailed("container a", [aside, op], { ...failure, errno: "EIO" }).code).toBe("TS5002");
  },
);
