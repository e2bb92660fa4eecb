import { describe, expect, it } from "vitest";
import { type Count, counted, isDue, newCount, type Result } from "../../../src/pod/probe/count.ts";

/** Verdicts after each of the answers: s, f. */
function verdicts(count: Count, answers: string, probe = {}): string {
  let now = count;
  return [...answers]
    .map((letter) => {
      const result: Result = letter === "s" ? "success" : "failure";
      now = counted(now, probe, result);
      return `${now.verdict[0]}${now.onHold ? "!" : ""}`;
    })
    .join(" ");
}

describe("the verdict of a probe", () => {
  it("before the first answer: alive, not ready, started or not unknown", () => {
    expect(newCount("liveness").verdict).toBe("success");
    expect(newCount("readiness").verdict).toBe("failure");
    expect(newCount("startup").verdict).toBe("unknown");
  });

  it.each([
    ["ready at the first success", {}, "s", "s"],
    ["not ready until successThreshold successes in a row", { successThreshold: 3 }, "ssfsss", "f f f f f s"],
    ["ready until failureThreshold failures in a row", {}, "sffsfff", "s s s s s s f"],
    ["not ready at the first failure", { failureThreshold: 1 }, "sf", "s f"],
    ["goes on after failures, never on hold", { failureThreshold: 1 }, "ffs", "f f s"],
  ])("readiness: %s", (_, probe, answers, expected) => {
    expect(verdicts(newCount("readiness"), answers, probe)).toBe(expected);
  });

  it.each([
    ["alive until failureThreshold failures in a row", {}, "ffsfff", "s s s s s f!"],
    ["two failures are not three", {}, "ff", "s s"],
    ["dead at the first", { failureThreshold: 1 }, "sf", "s f!"],
  ])("liveness: %s", (_, probe, answers, expected) => {
    expect(verdicts(newCount("liveness"), answers, probe)).toBe(expected);
  });

  it.each([
    ["started at the first success", {}, "ffs", "u u s"],
    ["given up after failureThreshold", { failureThreshold: 2 }, "ff", "u f!"],
  ])("startup: %s", (_, probe, answers, expected) => {
    expect(verdicts(newCount("startup"), answers, probe)).toBe(expected);
  });

  it("goes on from what another supervisor has found out, counting anew", () => {
    expect(verdicts(newCount("readiness", "success"), "fff")).toBe("s s f");
  });
});

describe("a turn", () => {
  it.each([
    [0, 5, false],
    [4.99, 5, false],
    [5, 5, true],
    [0, 0, true],
  ])("at %f s with an initial delay of %i s: %s", (age, initialDelaySeconds, due) => {
    expect(isDue(newCount("liveness"), { initialDelaySeconds }, { age, started: true })).toBe(due);
  });

  it.each([
    ["startup", false, true],
    ["startup", true, false],
    ["liveness", false, false],
    ["liveness", true, true],
    ["readiness", false, false],
    ["readiness", true, true],
  ] as const)("of %s, started %s: %s", (kind, started, due) => {
    expect(isDue(newCount(kind), {}, { age: 1, started })).toBe(due);
  });

  it("is not taken any more once the container is to be killed", () => {
    const failed = counted(newCount("liveness"), { failureThreshold: 1 }, "failure");
    expect(isDue(failed, {}, { age: 100, started: true })).toBe(false);
  });
});
