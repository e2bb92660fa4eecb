import { describe, expect, it } from "vitest";
import { spelled } from "../../../src/cli/spelling.ts";

const words = (line: string) =>
  spelled(["node", "tspod", ...line.split(" ").filter((word) => word !== "")]).slice(2);

describe("a command line", () => {
  it.each([
    ["", "help"],
    ["help", "help"],
    ["help run", "run --help"],
    ["help image ls", "image ls --help"],
    ["images", "image ls"],
    ["images -q", "image ls -q"],
    ["images --help", "images --help"],
    ["images rm x", "images rm x"],
    ["run -d --wait pod.yaml", "run -d --wait pod.yaml"],
    ["run -d --wait=ready pod.yaml", "run -d --wait-for=ready pod.yaml"],
    ["--root /x ps", "--root /x ps"],
    ["--root /x images", "--root /x image ls"],
    ["-n prod --color=never help run", "-n prod --color=never run --help"],
    ["exec a -- help x", "exec a -- help x"],
    ["delete pod a --wait=false", "delete pod a --wait=false"],
  ])("%j is understood as %j", (typed, understood) => {
    expect(words(typed).join(" ")).toBe(understood);
  });

  it("leaves the words of a container's command alone", () => {
    expect(words("exec a -- git --wait=x")).toEqual(["exec", "a", "--", "git", "--wait=x"]);
  });
});
