import { describe, expect, it } from "vitest";
import { jobState } from "../../../src/cli/render/job-row.ts";
import { objectRow, selectorText } from "../../../src/cli/render/object-row.ts";
import type { JobObject, ServiceObject } from "../../../src/manifest/index.ts";
import { at, finite, START, workload } from "../workload/support.ts";

const time = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const now = new Date(at(100).now);
const job = (spec: object, status: object): JobObject => ({
  ...workload<JobObject>("Job", { ...finite, ...spec }),
  status,
});
const cells = (spec: object, status: object) => objectRow(job(spec, status), now).usual;
const condition = (type: string) => ({ conditions: [{ type, status: "True" }] });

describe("the columns of a Job", () => {
  it.each([
    [{}, {}, ["web", "Running", "0/1", "", "100s"]],
    [{ completions: 3 }, { succeeded: 2, startTime: time(40) }, ["web", "Running", "2/3", "60s", "100s"]],
    [
      { completions: 1 },
      { succeeded: 1, startTime: time(40), completionTime: time(45), ...condition("Complete") },
      ["web", "Complete", "1/1", "5s", "100s"],
    ],
    [{ parallelism: 4 }, { succeeded: 1 }, ["web", "Running", "1/1 of 4", "", "100s"]],
    [{ parallelism: 1 }, {}, ["web", "Running", "0/1", "", "100s"]],
  ])("%j with %j", (spec, status, expected) => {
    expect(cells(spec, status)).toEqual(expected);
  });

  it.each(["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"])("say %s", (type) => {
    expect(jobState(job({}, condition(type)))).toBe(type);
  });

  it("say Failed of a Job that was to fail and has", () => {
    const conditions = ["FailureTarget", "Failed"].map((type) => ({ type, status: "True" }));
    expect(jobState(job({}, { conditions }))).toBe("Failed");
  });
});

describe("a selector", () => {
  it("is written as kubectl writes it", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["b", "a"] },
      { key: "x", operator: "NotIn", values: ["y"] },
      { key: "k", operator: "Exists" },
      { key: "n", operator: "DoesNotExist" },
    ];
    expect(selectorText({ matchLabels: { b: "2", a: "1" }, matchExpressions })).toBe(
      "a=1,b=2,tier in (a,b),x notin (y),k,!n",
    );
    expect(selectorText({})).toBe("<none>");
  });
});

describe("the columns of a Service", () => {
  const service = (spec: object) =>
    ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s", namespace: "default", creationTimestamp: time(0) },
      spec,
    }) as ServiceObject;
  it("have its ports, with node ports where there are any", () => {
    const ports = [
      { port: 80, nodePort: 30080 },
      { port: 53, protocol: "UDP" },
    ];
    expect(objectRow(service({ type: "NodePort", ports, selector: { a: "b" } }), now)).toEqual({
      usual: ["s", "NodePort", "<none>", "<none>", "80:30080/TCP,53/UDP", "100s"],
      wide: ["a=b"],
    });
    expect(objectRow(service({ type: "ExternalName", externalName: "example.com" }), now).usual).toEqual([
      "s",
      "ExternalName",
      "<none>",
      "example.com",
      "<none>",
      "100s",
    ]);
  });
});
