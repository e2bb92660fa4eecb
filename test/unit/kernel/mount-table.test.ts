import { describe, expect, it } from "vitest";
import { mountOf, mountsBelow, readMountTable } from "../../../src/kernel/mount-table.ts";

const table = readMountTable(`\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:20 / /proc rw - proc proc rw
24 22 0:21 / /srv rw,relatime shared:7 master:1 - tmpfs tmpfs rw
25 24 0:22 / /srv/a\\040b rw master:7 propagate_from:2 - tmpfs - rw
26 24 0:23 / /srv/a\\040b rw unbindable - tmpfs tmpfs rw
27 22 0:24 / /srvother rw - tmpfs tmpfs rw
`);

describe("the mount table", () => {
  it("knows who sends and who receives mounts, and names with spaces", () => {
    expect(table.map(({ point, shared, slave }) => [point, shared, slave])).toEqual([
      ["/", true, false],
      ["/proc", false, false],
      ["/srv", true, true],
      ["/srv/a b", false, true],
      ["/srv/a b", false, false],
      ["/srvother", false, false],
    ]);
  });

  it.each([
    ["/srv", "/srv"],
    ["/srv/none/of/these", "/srv"],
    ["/srvelse", "/"],
    ["/proc", "/proc"],
  ])("finds the mount %s is on: %s", (path, point) => {
    expect(mountOf(path, table).point).toBe(point);
  });

  it("takes the uppermost of several mounts on one point", () => {
    expect(mountOf("/srv/a b/x", table)).toMatchObject({ point: "/srv/a b", shared: false, slave: false });
  });

  it("lists each mount at a path and below", () => {
    expect(mountsBelow("/srv", table)).toEqual(["/srv", "/srv/a b", "/srv/a b"]);
    expect(mountsBelow("/srv/nothing", table)).toEqual([]);
  });
});
