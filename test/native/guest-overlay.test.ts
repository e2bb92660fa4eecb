import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guest, guestRelease } from "../support/guest.ts";

const module = `/usr/lib/uml/modules/${guestRelease}/kernel/fs/overlayfs/overlay.ko`;
const guest = new Guest();
beforeAll(() => guest.build(new URL("guest-overlay.ts", import.meta.url)));
afterAll(() => guest.dispose());

// The package is not among those that the tests need; ops-mounts.test.ts takes the same road by paths that are too long.
describe.runIf(existsSync(module))("on a kernel that takes no layers one by one", () => {
  it("500 layers make a root, and 200 an image volume", async () => {
    const report = await guest.boot(["mount -t tmpfs tmpfs /mnt", `insmod ${module}`]);
    expect(report).toEqual({
      oneByOne: false,
      image: { all: "0", only: 200 },
      event: "paused",
      failure: "",
      root: { all: "written", only: 500 },
      written: "written",
    });
  });
});
