import { describe, expect, it } from "vitest";
import { isReached, parseGoal } from "../../../src/cli/wait/goal.ts";

const object = {
  status: {
    phase: "Running",
    replicas: 3,
    conditions: [
      { type: "Ready", status: "False" },
      { type: "PodScheduled", status: "True" },
    ],
  },
};
const reached = (text: string) => isReached(parseGoal(text), object);

describe("wait --for", () => {
  it.each([
    ["condition=PodScheduled", true],
    ["condition=podscheduled=true", true],
    ["condition=Ready", false],
    ["condition=Ready=False", true],
    ["condition=Unheard", false],
    ["jsonpath={.status.phase}=Running", true],
    ["jsonpath=.status.phase=Running", true],
    ["jsonpath={.status.phase}='Running'", true],
    ["jsonpath={.status.phase}=Failed", false],
    ["jsonpath={.status.replicas}=3", true],
    ["jsonpath={.status.phase}", true],
    ["jsonpath={.status.podIP}", false],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=False', true],
    ["create", true],
    ["delete", false],
  ])("%s", (text, is) => expect(reached(text)).toBe(is));

  it("delete is reached by what is not there, and nothing else is", () => {
    expect(isReached(parseGoal("delete"), undefined)).toBe(true);
    for (const text of ["create", "condition=Ready", "jsonpath={.a}"])
      expect(isReached(parseGoal(text), undefined)).toBe(false);
  });

  it.each(["ready", "condition", "condition=", "create=x", "jsonpath=", "jsonpath={.a}x", "jsonpath={.a}="])(
    "%s is refused",
    (text) => expect(() => parseGoal(text)).toThrow(/unrecognized condition|cannot be empty/),
  );

  it("compares one value, not several", () => {
    expect(() => reached("jsonpath={.status.conditions[*].type}=Ready")).toThrow(
      "matches more than one list",
    );
  });
});
