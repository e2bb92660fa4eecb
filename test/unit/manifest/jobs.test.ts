import { describe, expect, it } from "vitest";
import { problemsOf } from "./support.ts";
import { cron, expectProblems, FINITE, good, job } from "./workload-support.ts";

describe("a Job or CronJob is refused, in Kubernetes' words,", () => {
  it("for a Job that would restart for ever", () => {
    const template = FINITE.replace("restartPolicy: Never\n    ", "").replace("spec:", "spec: ");
    const { found } = problemsOf(job("", template));
    expect(found).toEqual([
      expect.stringContaining(
        'TS2003 spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      ),
    ]);
  });

  it.each([
    [
      "completionMode: ▸Ordered",
      'TS3003 spec.completionMode: Unsupported value: "Ordered": supported values: "NonIndexed", "Indexed"',
    ],
    [
      "backoffLimitPerIndex: ▸1",
      "TS3001 spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
    ],
    [
      "ttlSecondsAfterFinished: ▸-1",
      "TS3001 spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "▸selector: {matchLabels: {a: b}}",
      'TS3001 spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` not auto-generated',
    ],
    [
      "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [▸0]}}]}",
      "TS3001 spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
    ],
  ])("for a Job with %s", (spec, expected) => {
    expectProblems(job(spec), expected);
  });

  it("for an Indexed Job that does not say how many", () => {
    const { found } = problemsOf(job("completionMode: Indexed"));
    expect(found).toEqual([
      expect.stringContaining("TS2003 spec.completions: Required value: when completion mode is Indexed"),
    ]);
  });

  it.each([
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["* * L * *", 'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax'],
    ["@dayly", "unrecognized descriptor: @dayly"],
    ["CRON_TZ=UTC * * * * *", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"],
  ])("for the schedule %s", (schedule, rule) => {
    expectProblems(
      cron(`schedule: ▸"${schedule}"`),
      `TS3001 spec.schedule: Invalid value: "${schedule}": ${rule}`,
    );
  });

  it.each(["0 0 1,15 * 1-5", "*/15 8-18/2 ? JAN-mar MON", "@hourly", "@every 1h30m"])(
    "but not for the schedule %s",
    (schedule) => {
      good(cron(`schedule: "${schedule}"\ntimeZone: Europe/Berlin`));
    },
  );

  it("for a time zone nobody lives in, and a name too long for its jobs", () => {
    expectProblems(
      cron('schedule: "* * * * *"\ntimeZone: ▸Mars/Olympus'),
      'TS3001 spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
    );
    const long = "a".repeat(53);
    const { found } = problemsOf(cron('schedule: "* * * * *"').replace("name: web", `name: ${long}`));
    expect(found[0]).toContain(`metadata.name: Invalid value: "${long}": must be no more than 52 characters`);
  });
});
