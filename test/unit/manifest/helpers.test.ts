import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../../src/manifest/index.ts";
import {
  fromLabelSelector,
  hostPorts,
  matchesSelector,
  parseSelector,
  qosClass,
  resolvePort,
} from "../../../src/manifest/index.ts";

describe("a label selector", () => {
  const labels = { app: "web", tier: "front", n: "5", empty: "" };
  it.each([
    ["app=web", true],
    ["app==web", true],
    ["app = web , tier=front", true],
    ["app!=web", false],
    ["missing!=web", true],
    ["app in (web,db)", true],
    ["app in (db)", false],
    ["app notin (db)", true],
    ["missing notin (db)", true],
    ["app", true],
    ["missing", false],
    ["!missing", true],
    ["!app", false],
    ["n>4", true],
    ["n<5", false],
    ["app>1", false],
    ["empty=", true],
    ["empty in ()", true],
    ["", true],
    ["app=web,tier in (front,back),!x,n>1", true],
  ])("%s gives %s", (text, expected) => {
    expect(matchesSelector(parseSelector(text), labels)).toBe(expected);
  });

  it.each([
    ["app in", "expected: '('"],
    ["app in (a", "expected: ',' or ')'"],
    ["=web", "found '=', expected: identifier"],
    ["app=web,", "identifier after ','"],
    ["app web", "found 'web', expected: =, !=, ==, in, notin, >, <"],
    ["a_b_=c", "must start and end with an alphanumeric character"],
    ["app>x", "must be an integer"],
    ["app=we b", "expected: ',' or 'end of string'"],
  ])("%s is refused", (text, reason) => {
    expect(() => parseSelector(text)).toThrowError(reason);
  });

  it("does not see what every object inherits", () => {
    expect(matchesSelector(parseSelector("toString"), {})).toBe(false);
  });

  it("is read from the API's form too", () => {
    const selector = fromLabelSelector({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "NotIn", values: ["back"] },
        { key: "x", operator: "DoesNotExist" },
      ],
    });
    expect(matchesSelector(selector, labels)).toBe(true);
    expect(matchesSelector(selector, { ...labels, x: "" })).toBe(false);
  });
});

const both = { cpu: "1", memory: "64Mi" };
const spec = (...resources: object[]): PodSpec => ({
  containers: resources.map((r, i) => ({ name: `c${i}`, resources: r })),
});

describe("the QoS class", () => {
  it.each([
    ["BestEffort", spec({}, {})],
    ["BestEffort", spec({ limits: { "ephemeral-storage": "1Gi" } })],
    ["BestEffort", spec({ requests: { cpu: "0" } })],
    ["Guaranteed", spec({ limits: both, requests: both })],
    ["Guaranteed", spec({ limits: both, requests: { cpu: "1000m", memory: "65536Ki" } })],
    ["Burstable", spec({ limits: both, requests: { cpu: "500m", memory: "64Mi" } })],
    ["Burstable", spec({ limits: both }, {})],
    ["Burstable", spec({ requests: { cpu: "1" } })],
    ["Burstable", { ...spec({ limits: both }), initContainers: [{ name: "i" }] }],
    ["Guaranteed", { ...spec({}, {}), resources: { limits: both, requests: both } }],
  ])("is %s", (expected, pod) => {
    expect(qosClass(pod as PodSpec)).toBe(expected);
  });
});

describe("ports", () => {
  const pod: PodSpec = {
    initContainers: [{ name: "i", ports: [{ containerPort: 1, hostPort: 2 }] }],
    containers: [
      {
        name: "a",
        ports: [{ containerPort: 80 }, { name: "web", containerPort: 81, hostPort: 8081, protocol: "UDP" }],
      },
    ],
  };

  it("are listed where they are published, with their path", () => {
    expect(hostPorts(pod)).toEqual([
      {
        hostPort: 2,
        containerPort: 1,
        protocol: "TCP",
        hostIP: "",
        container: "i",
        path: "spec.initContainers[0].ports[0].hostPort",
      },
      {
        hostPort: 8081,
        containerPort: 81,
        protocol: "UDP",
        hostIP: "",
        container: "a",
        path: "spec.containers[0].ports[1].hostPort",
      },
    ]);
  });

  it("are found by number and by name", () => {
    const container = pod.containers[0] as (typeof pod.containers)[number];
    expect([resolvePort(5, container), resolvePort("web", container), resolvePort("x", container)]).toEqual([
      5,
      81,
      undefined,
    ]);
  });
});
