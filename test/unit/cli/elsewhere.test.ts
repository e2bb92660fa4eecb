import { describe, expect, it } from "vitest";
import { refuseElsewhere, refuseRunOfImage } from "../../../src/cli/elsewhere.ts";
import { COMMANDS } from "../../../src/cli/registry.ts";

const hintFor = (word: string): string | undefined => {
  try {
    refuseElsewhere(word);
  } catch (error) {
    return (error as { hint?: string }).hint;
  }
  return undefined;
};

describe("a command that other tools have", () => {
  it.each([
    ["pull", "tspod image pull IMAGE"],
    ["play", "tspod run -d FILE"],
    ["stats", "tspod top"],
  ])("%s is answered with %s", (word, hint) => {
    expect(hintFor(word)).toBe(hint);
  });

  it("is left to the usual message where nobody has it", () => {
    for (const word of ["nosuch", "toString", "--help", ""]) expect(hintFor(word)).toBeUndefined();
  });

  it("is none of tspod's own", () => {
    for (const { name, aliases = [] } of COMMANDS)
      for (const word of [name, ...aliases]) expect(hintFor(word), word).toBeUndefined();
  });
});

it("run of an image, as kubectl has it, is answered with what makes its manifest", () => {
  expect(() => refuseRunOfImage(["run", "web", "--image=nginx"])).toThrow("has no --image");
  expect(() => refuseRunOfImage(["run", "web", "--image", "nginx"])).toThrow("has no --image");
  for (const words of [
    ["run", "--image-list.yaml"],
    ["run", "a.yaml", "--", "--image=x"],
  ])
    expect(() => refuseRunOfImage(words), words.join(" ")).not.toThrow();
});
