import { describe, expect, it } from "vitest";
import { namedObjects } from "../../../src/cli/objects/kinds.ts";
import { severalKinds, unknownKind } from "../../../src/cli/objects/several.ts";

describe("the kinds that get is asked for", () => {
  it("are one when one is named, whatever the number of names", () => {
    for (const words of [["pods"], ["deploy", "a", "b"], ["cm/a"], ["nosuch"], ["Pods"]])
      expect(severalKinds(words)).toBeUndefined();
  });

  it("are those between commas, with the same names of each", () => {
    expect(severalKinds(["deploy,cm", "web"])).toEqual([
      { kind: "Deployment", names: ["web"] },
      { kind: "ConfigMap", names: ["web"] },
    ]);
    expect(severalKinds(["po,svc"])).toEqual([
      { kind: "Pod", names: [] },
      { kind: "Service", names: [] },
    ]);
  });

  it("are each word's own in KIND/NAME KIND/NAME", () => {
    expect(severalKinds(["pod/a", "deployment.apps/b"])).toEqual([
      { kind: "Pod", names: ["a"] },
      { kind: "Deployment", names: ["b"] },
    ]);
  });

  it("are for `all` those that kubectl means, configuration not among them", () => {
    const kinds = severalKinds(["all"])?.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(["Pod", "Service", "Deployment", "ReplicaSet", "Job", "CronJob"]),
    );
    expect(kinds).not.toContain("ConfigMap");
    expect(() => severalKinds(["all", "web"])).toThrow("`all` takes no names");
  });

  it("must all be kinds", () => {
    expect(() => severalKinds(["deploy,nosuch"])).toThrow('get does not know "nosuch"');
    expect(unknownKind("events").hint).toBe("events stand alone: tspod get events");
    expect(unknownKind("web").hint).toContain("tspod get pods web");
  });
});

describe("what takes one kind", () => {
  it("is never given a name of another", () => {
    expect(namedObjects(["cm/a", "configmaps/b", "c"])).toEqual({
      kind: "ConfigMap",
      names: ["a", "b", "c"],
    });
    expect(() => namedObjects(["deploy/a", "pod/b"])).toThrow("deploy/a and pod/b are of different kinds");
    expect(() => namedObjects(["deploy/a", "cm/b"])).toThrow("different kinds");
  });
});
