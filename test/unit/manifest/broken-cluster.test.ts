import { describe, expect, it } from "vitest";
import { parse, pod, problemsOf } from "./support.ts";

const c = "spec.containers[0]";

/** Rules about the scheduler's fields, the pod's own resources, claims of volumes, and values that are hardly meant. */
const cases: [name: string, text: string, ...expected: string[]][] = [
  [
    "a readiness gate that is no name",
    pod({ spec: 'readinessGates: [{conditionType: ▸"a b"}]' }),
    expect.stringContaining(
      'TS3001 spec.readinessGates[0].conditionType: Invalid value: "a b": name part must',
    ),
  ],
  [
    "a scheduling gate twice",
    pod({ spec: "schedulingGates: [{name: a.b/c}, {name: ▸a.b/c}]" }),
    'TS3004 spec.schedulingGates[1]: Duplicate value: "a.b/c"',
  ],
  [
    "a toleration of everything that is not Exists",
    pod({ spec: "tolerations: [{operator: ▸Equal, value: x}]" }),
    'TS3001 spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    "tolerations for a while, of no effect, of another kind",
    pod({
      spec: "tolerations:\n- {key: a, effect: ▸NoSchedule, tolerationSeconds: 3}\n- {key: a, operator: ▸Exists, value: b}\n- {key: a, operator: ▸Like, effect: ▸Never}",
    }),
    "TS3001 spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
    "TS3001 spec.tolerations[1].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
    'TS3003 spec.tolerations[2].operator: Unsupported value: "Like": supported values: "Equal", "Exists", "Gt", "Lt"',
    'TS3003 spec.tolerations[2].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    "a node before its gates are open",
    pod({ spec: "nodeName: ▸here\nschedulingGates: [{name: a}]" }),
    "TS3006 spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
  ],
  [
    "a cost of deletion that is no number",
    pod({}).replace(
      "  name: web",
      '  name: web\n  annotations: {controller.kubernetes.io/pod-deletion-cost: ▸"+5"}',
    ),
    'TS3001 metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+5": must be a 32bit integer',
  ],
  [
    "an overhead of nothing",
    pod({ spec: "overhead: {cpu: ▸-1, ▸foo: 1}" }),
    'TS3001 spec.overhead[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    'TS3001 spec.overhead[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
  ],
  [
    "a key that a spread names twice, unless the API server has written it",
    pod({
      spec: "topologySpreadConstraints:\n- {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [▸b, c], labelSelector: {matchLabels: {b: x}, matchExpressions: [{key: c, operator: In, values: [z]}]}}",
    }),
    'TS3001 spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "b": exists in both matchLabelKeys and labelSelector',
  ],
  [
    "a spread that is none",
    pod({
      spec: "topologySpreadConstraints: [{maxSkew: ▸0, topologyKey: ▸'', whenUnsatisfiable: ▸Maybe}]",
    }),
    "TS3001 spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
    "TS2003 spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
    'TS3003 spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"',
  ],
  [
    "a pod that asks for less than its containers",
    pod({
      spec: "resources: {requests: {cpu: ▸100m}, limits: {cpu: 2}}",
      container: "resources: {requests: {cpu: 1}}",
    }),
    'TS3001 spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to aggregate container requests of 1',
  ],
  [
    "a container that may use more than its pod",
    pod({
      spec: "resources: {limits: {memory: 64Mi}}",
      container: "resources: {limits: {memory: ▸1Gi}, requests: {memory: 1Mi}}",
    }),
    `TS3001 ${c}.resources.limits[memory]: Invalid value: "1Gi": must be less than or equal to pod limits of 64Mi`,
  ],
  [
    "a resource that a pod does not have as a whole",
    pod({ spec: "resources: {limits: {ephemeral-storage: ▸1Gi}}" }),
    'TS3003 spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "memory"',
  ],
  [
    "an ephemeral volume with a name and without a size",
    pod({
      spec: "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {metadata: {name: ▸x}, spec: {accessModes: [ReadWriteOnce], ▸resources: {}}}}}]",
    }),
    "TS3006 spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set for an ephemeral volume",
    "TS2003 spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value",
  ],
  [
    "a claim for one pod and for many",
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {▸accessModes: [ReadWriteOnce, ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}\n",
    "TS3006 spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
  ],
  [
    "thousandths of a byte",
    pod({ container: "resources: {limits: {memory: ▸64m}}" }),
    `TS3014 ${c}.resources.limits[memory]: fractional byte value "64m" is invalid, must be an integer`,
  ],
  [
    "a port that is listed twice",
    pod({ container: "ports:\n- containerPort: 80\n- ▸containerPort: 80" }),
    `TS3014 ${c}.ports[1]: duplicate port definition with ${c}.ports[0]: 80/TCP is listed twice`,
  ],
  [
    "a hook of no kind",
    pod({ container: "lifecycle: {▸postStart: {}}" }),
    `TS2003 ${c}.lifecycle.postStart: Required value: must specify a handler type`,
  ],
];

describe("a manifest", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    const rules = found.filter((line) => !/ TS200[78] /.test(line));
    expect(rules).toHaveLength(expected.length);
    for (const [i, line] of expected.entries())
      if (typeof line === "string") expect(rules[i]).toBe(`${marks[i]} ${line}`);
      else expect(rules[i]).toEqual(line);
  });

  it("is told what a hook and what a probe may be", () => {
    const help = (container: string) => parse(pod({ container })).problems[0]?.help;
    expect(help("lifecycle: {postStart: {}}")).toBe("one of exec, httpGet, sleep");
    expect(help("livenessProbe: {}")).toBe("one of exec, httpGet, tcpSocket, grpc");
  });
});
