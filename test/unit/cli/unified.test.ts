import { describe, expect, it } from "vitest";
import { fileName, masked, unified } from "../../../src/cli/diff/unified.ts";
import { bufferOf, contentOf } from "../../../src/cli/edit/buffer.ts";

describe("diff", () => {
  it("shows lines with three around them", () => {
    const live = "a\nb\nc\nd\ne\nf\n";
    expect(unified("v1.Pod.default.web", live, live)).toBe("");
    expect(unified("v1.Pod.default.web", live, live.replace("e\n", "E\n"))).toBe(
      "diff -u -N LIVE/v1.Pod.default.web MERGED/v1.Pod.default.web\n--- LIVE/v1.Pod.default.web\n+++ MERGED/v1.Pod.default.web\n@@ -2,5 +2,5 @@\n b\n c\n d\n-e\n+E\n f\n",
    );
    expect(unified("x", "", "new\n")).toContain("@@ -0,0 +1,1 @@\n+new\n");
  });

  it("names objects as kubectl does", () => {
    const metadata = { name: "web", namespace: "default" };
    expect(fileName({ apiVersion: "v1", kind: "Pod", metadata })).toBe("v1.Pod.default.web");
    expect(fileName({ apiVersion: "apps/v1", kind: "Deployment", metadata })).toBe(
      "apps.v1.Deployment.default.web",
    );
  });

  it("shows that values of a Secret differ, not what they are", () => {
    const one = { kind: "Secret", data: { a: "MQ==", b: "Mg==" } };
    const other = { kind: "Secret", data: { a: "MQ==", b: "Mw==" } };
    expect(masked(one, other, "before")?.data).toEqual({ a: "***", b: "*** (before)" });
    expect(masked(other, one, "after")?.data).toEqual({ a: "***", b: "*** (after)" });
    expect(masked(one, undefined, "after")?.data).toEqual({ a: "***", b: "***" });
    expect(masked({ kind: "ConfigMap", data: { a: "1" } }, undefined, "before")?.data).toEqual({ a: "1" });
  });
});

describe("the file that edit opens", () => {
  it("has comments on top only, and what was wrong among them", () => {
    const content = "data:\n  script: |\n    # not ours\n    true\n";
    expect(contentOf(bufferOf(content))).toBe(content);
    const again = bufferOf(content, { what: "configmap/x", problems: ["first", "second\nline"] });
    expect(again).toContain("# configmap/x was not valid:\n# * first\n# * second\n# line\n#\ndata:");
    expect(contentOf(again)).toBe(content);
    expect(contentOf("# only\n# comments")).toBe("");
  });
});
