import { describe, expect, it } from "vitest";
import * as kernel from "../../../src/kernel/constants.ts";
import { capabilityText } from "../../../src/narrate/capabilities.ts";
import {
  attributeOptions,
  cloneFlags,
  mountAttributes,
  mountFlags,
  mountOptions,
  namespaceNames,
} from "../../../src/narrate/flags.ts";

describe("flags", () => {
  it("of clone have their names", () => {
    expect(cloneFlags(kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)).toBe("CLONE_NEWNET | CLONE_NEWIPC");
    expect(cloneFlags(0)).toBe("0");
    expect(namespaceNames(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)).toEqual(["pid", "mnt"]);
  });

  it("keep bits that have no name", () => {
    expect(cloneFlags(kernel.CLONE_NEWUTS | 0x11)).toBe("CLONE_NEWUTS | 0x11");
    expect(mountFlags(0x8000_0000)).toBe("0x80000000");
  });

  it("of mounts have their names, and options as mount(8) spells them", () => {
    const flags = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_REC;
    expect(mountFlags(flags)).toBe("MS_RDONLY | MS_NOSUID | MS_REC");
    expect(mountOptions(flags)).toEqual(["ro", "nosuid"]);
    const attributes = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NODEV;
    expect(mountAttributes(attributes)).toBe("MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV");
    expect(attributeOptions(attributes)).toEqual(["ro", "nodev"]);
  });

  it("all have a name", () => {
    for (const [name, value] of Object.entries(kernel)) {
      if (name.startsWith("CLONE_")) expect(cloneFlags(value as number)).toBe(name);
      if (name.startsWith("MS_")) expect(mountFlags(value as number)).toBe(name);
      if (name.startsWith("MOUNT_ATTR_")) expect(mountAttributes(value as number)).toBe(name);
    }
  });
});

describe("capabilities", () => {
  it("have their names, and all and none a word", () => {
    expect(capabilityText(0n)).toBe("none");
    expect(capabilityText((1n << 0n) | (1n << 5n))).toBe("CHOWN, KILL");
    expect(capabilityText((1n << 64n) - 1n)).toBe("all");
  });
});
