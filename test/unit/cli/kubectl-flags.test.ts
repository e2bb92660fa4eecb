import { Option } from "commander";
import { expect, it } from "vitest";
import { flagsAsCommander } from "../../../src/cli/kubectl-flags.ts";

const options = [
  new Option("-A, --all-namespaces"),
  new Option("-w, --watch"),
  new Option("--no-watch"),
  new Option("--no-headers"),
  new Option("-o, --output <format>"),
  new Option("-l, --selector <labels>"),
  new Option("--dry-run [client]"),
];

it.each([
  ["--all-namespaces=true", "--all-namespaces"],
  ["-A=true pods", "-A pods"],
  ["--all-namespaces=False", ""],
  ["--watch=false", "--no-watch"],
  ["--no-headers=true", "--no-headers"],
  ["--no-headers=false", ""],
  ["-o=yaml -l=app=web", "-o yaml -l app=web"],
  // What commander reads by itself, or what is wrong, is left as it is.
  ["--output=yaml --dry-run=client", "--output=yaml --dry-run=client"],
  ["--all-namespaces=maybe --nope=true -x=1", "--all-namespaces=maybe --nope=true -x=1"],
  ["-l -o=yaml", "-l -o=yaml"],
  ["pod -- env --watch=false -o=x", "pod -- env --watch=false -o=x"],
])("%s is read as %s", (typed, read) => {
  expect(flagsAsCommander(options, typed.split(" "))).toEqual(read.split(" ").filter((word) => word !== ""));
});

it("a short flag that is to have a value may have an empty one", () => {
  expect(flagsAsCommander(options, ["-l="])).toEqual(["-l", ""]);
});
