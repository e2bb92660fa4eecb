import { describe, expect, it } from "vitest";
import { parse, pod, problemsOf } from "./support.ts";

describe("a field without meaning on one machine", () => {
  it.each([
    [
      "▸nodeSelector: {disk: ssd}",
      "spec.nodeSelector: ignored on a single node: there is one node and no scheduler",
    ],
    [
      "▸affinity: {nodeAffinity: {}}",
      "spec.affinity: ignored on a single node: there is one node and no scheduler",
    ],
    [
      "▸tolerations: [{operator: Exists}]",
      "spec.tolerations: ignored on a single node: there is one node and no scheduler",
    ],
    [
      "▸serviceAccountName: robot",
      "spec.serviceAccountName: ignored on a single node: there is no API server that issues tokens",
    ],
    [
      "▸priorityClassName: high",
      "spec.priorityClassName: ignored on a single node: there is one node and no scheduler",
    ],
  ])("gives one line: %s", (spec, expected) => {
    const { marks, found } = problemsOf(pod({ spec }));
    expect(found).toEqual([`${marks[0]} TS2008 ${expected}`]);
    expect(parse(pod({ spec }).replaceAll("▸", "")).objects).toHaveLength(1);
  });

  it.each([
    "serviceAccountName: default",
    "automountServiceAccountToken: false",
    "schedulerName: default-scheduler",
    "priority: 0",
    "preemptionPolicy: PreemptLowerPriority",
    "enableServiceLinks: true",
    "tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]",
    "runtimeClassName: tspod",
    "hostUsers: true",
    "os: {name: linux}",
    "restartPolicy: Never",
  ])("is passed over in silence if it changes nothing: %s", (spec) => {
    expect(problemsOf(pod({ spec })).found).toEqual([]);
  });

  it("is an error when asked to be strict", () => {
    const text = pod({ spec: "nodeSelector: {disk: ssd}" });
    const { objects, problems, warnings } = parse(text, { strict: true });
    expect([objects, warnings]).toEqual([[], []]);
    expect(problems).toMatchObject([{ severity: "error", code: "TS2008", path: "spec.nodeSelector" }]);
  });
});

describe("a field that is not honoured yet", () => {
  it.each([
    [
      pod({ spec: "▸readinessGates: [{conditionType: a.b/c}]" }),
      "spec.readinessGates: not supported yet: the pod does not wait for the condition",
    ],
  ])("gives a line where the pod runs without it (%#)", (text, expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toEqual([`${marks[0]} TS2007 ${expected}`]);
    expect(parse(text.replaceAll("▸", "")).objects).toHaveLength(1);
  });

  it.each([
    [
      pod({ spec: "volumes:\n- name: v\n  ▸nfs: {server: a, path: /b}" }),
      "spec.volumes[0].nfs: not supported yet: this kind of volume cannot be mounted",
    ],
  ])("is refused where running without it would be wrong (%#)", (text, expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toEqual([`${marks[0]} TS2007 ${expected}`]);
    expect(parse(text.replaceAll("▸", "")).objects).toEqual([]);
  });

  it("gives one line however often it occurs", () => {
    const context = "securityContext: {seLinuxOptions: {level: s0}}";
    const { found } = problemsOf(
      `${pod({ container: context })}  - {name: b, image: b, ${context}}\n  - {name: d, image: b, ${context}}\n`,
    );
    expect(found).toEqual([expect.stringContaining("(and 2 more of these)")]);
  });
});

describe("an annotation that a field has replaced", () => {
  const key = "container.apparmor.security.beta.kubernetes.io/a";
  it.each([
    ["a pod", pod({}).replace("  name: web\n", `  name: web\n  annotations:\n    ▸${key}: x\n`), ""],
    [
      "a template",
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata:\n      labels: {a: b}\n      annotations:\n        ▸${key}: x\n    spec: {containers: [{name: a, image: b}]}\n`,
      "spec.template.",
    ],
  ])("is said to have no effect in %s", (_, text, prefix) => {
    const { marks, found } = problemsOf(text);
    expect(found.filter((line) => !line.includes(" TS2007 "))).toEqual([
      `${marks[0]} TS2012 ${prefix}metadata.annotations[${key}]: has no effect: a field has taken its place`,
    ]);
  });
});

describe("a kind", () => {
  const of = (kind: string, apiVersion = "v1") =>
    problemsOf(`apiVersion: ▸${apiVersion}\nkind: ▸${kind}\nmetadata: {name: x}\n`);

  it.each([
    [
      "HorizontalPodAutoscaler",
      "autoscaling/v2",
      "TS2006 kind: HorizontalPodAutoscaler cannot be used with tspod: one machine has no more to give; set replicas",
    ],
    [
      "Namespace",
      "v1",
      "TS2008 kind: Namespace is ignored: namespaces exist as soon as something is in them",
    ],
    [
      "Ingress",
      "networking.k8s.io/v1",
      "TS2006 kind: Ingress cannot be used with tspod: there is no ingress controller; publish the port with hostPort",
    ],
    ["Deploymnt", "apps/v1", 'TS2005 kind: no matches for kind "Deploymnt" in version "apps/v1"'],
  ])("that is not run is named: %s", (kind, version, expected) => {
    const { marks, found } = of(kind, version);
    expect(found).toEqual([`${marks[1]} ${expected}`]);
  });

  it("that cannot be used can be left out", () => {
    const text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\n";
    const own = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: x}\n";
    const misspelt = "apiVersion: v1\nkind: ConfigMp\nmetadata: {name: x}\n";
    const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
    const all = [text, own, misspelt, config].join("---\n");
    const { objects, problems, warnings } = parse(all, { skipUnsupported: true });
    expect(objects).toHaveLength(1);
    expect(problems).toMatchObject([{ code: "TS2005", position: { line: 10 } }]);
    expect(warnings).toMatchObject([
      { code: "TS2006", severity: "warning", path: "kind" },
      { code: "TS2005", severity: "warning", path: "kind" },
    ]);
  });

  it("goes with its version", () => {
    const { marks, found } = of("Pod", "apps/v1");
    expect(found).toEqual([
      `${marks[0]} TS2004 apiVersion: no kind "Pod" is registered for version "apps/v1"`,
    ]);
    expect(parse("apiVersion: apps/v1\nkind: Pod\n").problems[0]?.excerpt?.note).toBe("did you mean v1?");
  });

  it.each([
    ["hello there\n", "TS2004 the document is plain text, not an object with apiVersion, kind and metadata"],
    ["- a\n- b\n", "TS2004 the document is a list, not an object with apiVersion, kind and metadata"],
    ["# nothing\n", "TS2011 there is no object in this file"],
    ["", "TS2011 there is no object in this file"],
  ])("is asked for: %j", (text, expected) => {
    expect(problemsOf(text).found).toEqual([`1:1 ${expected}`]);
  });
});
