import { describe, expect, it } from "vitest";
import { metadataChange, outcome, refuseOverwrite, splitWords } from "../../../src/cli/metadata/changes.ts";
import { changed } from "../../../src/pod/metadata.ts";

describe("what label and annotate are told", () => {
  it("names come first, changes after", () => {
    expect(splitWords(["pod", "web", "a=b", "c-"])).toEqual({ named: ["pod", "web"], specs: ["a=b", "c-"] });
    expect(splitWords(["pod/web-1"])).toEqual({ named: ["pod/web-1"], specs: [] });
  });

  it("sets and removes", () => {
    expect(metadataChange("labels", ["a=", "example.com/b=c", "d-"])).toEqual({
      set: { a: "", "example.com/b": "c" },
      remove: ["d"],
    });
    // Only the first sign parts an annotation's name from its value.
    expect(metadataChange("annotations", ["a=b=c d"])).toEqual({ set: { a: "b=c d" }, remove: [] });
  });

  it.each([
    ["labels", [], "at least one label update is required"],
    ["annotations", [], "at least one annotation update is required"],
    ["labels", ["a=b", "web"], "unknown label spec: web"],
    ["labels", ["a=b", "a-"], "can not both modify and remove a label in the same command"],
    [
      "labels",
      ["a=b c"],
      'invalid label value: "a=b c": a valid label must be an empty string or consist of',
    ],
    ["labels", ["a=b=c"], "invalid label value"],
    ["labels", ["a b=c"], 'metadata.labels: Invalid value: "a b": name part must consist of'],
    ["annotations", ["/b=c"], 'metadata.annotations: Invalid value: "/b": prefix part must be non-empty'],
  ] as const)("%s %j is refused", (field, specs, message) => {
    expect(() => metadataChange(field, specs)).toThrow(message);
  });

  it("keeps another value unless told to overwrite", () => {
    const change = { set: { a: "2", b: "1" }, remove: [] };
    expect(() => refuseOverwrite("labels", { a: "2" }, change)).not.toThrow();
    expect(() => refuseOverwrite("labels", { a: "1" }, change)).toThrow(
      "'a' already has a value (1), and --overwrite is false",
    );
    expect(() => refuseOverwrite("annotations", { a: "1", b: "0" }, change)).toThrow(
      "--overwrite is false but found the following declared annotation(s): 'a' already has a value (1); 'b' already has a value (0)",
    );
  });

  it("says in kubectl's words what became of it", () => {
    const set = { set: { a: "1" }, remove: [] };
    expect(outcome("labels", {}, set)).toBe("labeled");
    expect(outcome("labels", { a: "1" }, set)).toBe("not labeled");
    expect(outcome("labels", { a: "1" }, { set: {}, remove: ["a"] })).toBe("unlabeled");
    expect(outcome("annotations", { a: "1" }, set)).toBe("annotated");
  });
});

it("an empty map is left out, as the API has it", () => {
  expect(changed({ a: "1", b: "2" }, { set: { c: "3" }, remove: ["a"] })).toEqual({ b: "2", c: "3" });
  expect(changed({ a: "1" }, { set: {}, remove: ["a"] })).toBeUndefined();
  expect(changed(undefined, { set: {}, remove: ["a"] })).toBeUndefined();
});
