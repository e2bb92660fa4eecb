import { expect, it } from "vitest";
import { plainChroot } from "../../../src/engine/plain-chroot.ts";
import { isMountPoint, rootMount } from "../../../src/kernel/host-facts/root-mount.ts";

const propagation = { op: "propagation", flags: 0 } as const;
const refused = { errno: "EINVAL", syscall: "mount" };
const PROC = "402 280 0:21 / /proc rw,relatime - proc proc rw\n";
const MOUNTED = `280 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n${PROC}`;

it("a root directory that is no mount point is said so, with the way out", () => {
  expect(plainChroot("holder", propagation, refused, () => PROC)).toMatchObject({
    code: "TS5114",
    exitCode: 3,
    message: expect.stringContaining("holder: the root directory is not a mount point, as in a plain chroot"),
    hint: expect.stringContaining("mount --rbind DIR DIR"),
  });
  expect(plainChroot("holder", propagation, refused, () => MOUNTED)).toBeUndefined();
  expect(plainChroot("holder", propagation, { ...refused, errno: "EPERM" }, () => PROC)).toBeUndefined();
  expect(
    plainChroot("holder", { op: "chdir", path: "/", uid: 0, gid: 0 }, refused, () => PROC),
  ).toBeUndefined();
});

it("doctor says so before anything is run", () => {
  const source = (text: string) => ({
    read: () => text,
    bytes: () => undefined,
    list: () => [],
    exists: () => false,
  });
  expect(rootMount(source(MOUNTED))).toMatchObject({ ok: true, detail: "a mount point", hint: "" });
  expect(rootMount(source(PROC))).toMatchObject({ ok: false, level: "error" });
  expect(isMountPoint("")).toBe(false);
});
