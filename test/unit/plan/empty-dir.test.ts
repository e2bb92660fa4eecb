import { describe, expect, it } from "vitest";
import { undoAll } from "../../../src/plan/undo.ts";
import { planVolumes } from "../../../src/plan/volumes.ts";
import { volumesInput } from "./support.ts";

describe("emptyDir of huge pages", () => {
  const asks = (...limits: Record<string, string>[]) => ({
    containers: limits.map((each, index) => ({ name: `c${index}`, resources: { limits: each } })),
  });
  const huge = (emptyDir: object, spec: object, fsGroup?: number) => {
    const securityContext = fsGroup === undefined ? {} : { fsGroup };
    const volumes = [{ name: "v", emptyDir }];
    return planVolumes(volumesInput({ volumes, securityContext, ...spec }));
  };
  const two = asks({ "hugepages-2Mi": "4Mi" });

  it.each([
    ["HugePages", two, "mode=777,pagesize=2097152"],
    ["HugePages-2Mi", two, "mode=777,pagesize=2097152"],
    [
      "HugePages-1Gi",
      asks({ "hugepages-2Mi": "4Mi" }, { "hugepages-1Gi": "1Gi" }),
      "mode=777,pagesize=1073741824",
    ],
  ])("%s is mounted with the pages' size", (medium, spec, data) => {
    const { ops, warnings } = huge({ medium }, spec);
    expect(ops.at(-1)).toEqual({ op: "mount-hugetlbfs", target: "/v/empty-dir~v", data });
    expect(undoAll(ops)[0]).toEqual({ op: "umount", target: "/v/empty-dir~v" });
    expect(warnings).toEqual([]);
  });

  it("is the group's, and no larger than its sizeLimit", () => {
    expect(huge({ medium: "HugePages", sizeLimit: "6Mi" }, two, 2000).ops.slice(-2)).toEqual([
      { op: "mount-hugetlbfs", target: "/v/empty-dir~v", data: "mode=777,pagesize=2097152,size=6291456" },
      { op: "fs-group", path: "/v/empty-dir~v", gid: 2000, onlyOnMismatch: false },
    ]);
  });

  it.each([
    ["HugePages", asks({}), "hugePages storage requested, but there is no resource request for huge pages"],
    ["HugePages-1Gi", two, "hugePages storage requested, but there is no resource request for huge pages"],
    [
      "HugePages",
      asks({ "hugepages-2Mi": "4Mi" }, { "hugepages-1Gi": "1Gi" }),
      "medium: HugePages can't be used if container requests multiple huge page sizes",
    ],
  ])("%s without pages of just one size is refused", (medium, spec, words) => {
    expect(() => huge({ medium }, spec)).toThrow(words);
  });
});

describe("emptyDir on disk", () => {
  it("of a limited size is a plain folder: what it holds is measured", () => {
    const spec = { volumes: [{ name: "v", emptyDir: { sizeLimit: "1Gi" } }] };
    const { ops, warnings } = planVolumes(volumesInput(spec));
    expect(ops.slice(1)).toEqual([{ op: "mkdir", path: "/v/empty-dir~v", mode: 0o777 }]);
    expect(warnings).toEqual([]);
  });
});
