import { expect, it } from "vitest";
import { fieldSelector } from "../../../src/cli/field-selector.ts";

const pod = { metadata: { name: "web" }, status: { phase: "Running" }, spec: { hostNetwork: true } };

it.each([
  ["status.phase=Running", true],
  ["status.phase==Running,metadata.name=web", true],
  ["status.phase!=Running", false],
  ["status.phase=Running,metadata.name!=web", false],
  ["spec.hostNetwork=true", true],
  ["spec.nodeName=", true],
  ["status.podIP!=", false],
])("%s chooses by what the fields are: %s", (text, chosen) => {
  expect(fieldSelector("Pod", text)(pod)).toBe(chosen);
});

it("nothing given chooses all", () => {
  expect(fieldSelector("Pod", undefined)(pod)).toBe(true);
});

it.each([
  ["spec.containers=a", "field label not supported: spec.containers"],
  ["status.phase", 'invalid field selector "status.phase"'],
])("%s is refused", (text, message) => {
  expect(() => fieldSelector("Pod", text)).toThrow(message);
});
