import { describe, expect, it } from "vitest";
import { parse, pod, problemsOf } from "./support.ts";

type Case = [name: string, text: string, ...expected: string[]];

/** Fields that are not there, of the wrong type, or missing; ▸ marks each place in the order of the expected lines. */
const cases: Case[] = [
  [
    "a misspelt field",
    pod({ container: "▸comand: [sleep]" }),
    'TS2001 spec.containers[0]: unknown field "comand"',
  ],
  [
    "a misspelt field of the pod",
    pod({ spec: "▸terminationGracePeriodSecond: 1" }),
    'TS2001 spec: unknown field "terminationGracePeriodSecond"',
  ],
  [
    "a field of the container in its port",
    pod({ container: "ports:\n- containerPort: 80\n  ▸volumeMounts: []" }),
    'TS2001 spec.containers[0].ports[0]: unknown field "volumeMounts" — did you mean spec.containers[0].volumeMounts?',
  ],
  [
    "a field of the pod in the container",
    pod({ container: "▸hostNetwork: true" }),
    'TS2001 spec.containers[0]: unknown field "hostNetwork" — did you mean spec.hostNetwork?',
  ],
  [
    "a field of the container in the pod",
    pod({ spec: "▸readOnlyRootFilesystem: true" }),
    'TS2001 spec: unknown field "readOnlyRootFilesystem" — did you mean spec.containers[*].securityContext.readOnlyRootFilesystem?',
  ],
  [
    "capabilities beside the securityContext",
    pod({ container: "▸capabilities: {add: [NET_ADMIN]}" }),
    'TS2001 spec.containers[0]: unknown field "capabilities" — did you mean spec.containers[0].securityContext.capabilities?',
  ],
  [
    "a mount among the ports",
    pod({ container: "ports:\n- ▸mountPath: /x\n  name: v\n  ▸▸readOnly: true".replace("▸▸", "") }),
    'TS2001 spec.containers[0].ports[0]: unknown fields "mountPath", "readOnly" — this looks like a volumeMounts item; missing required field "containerPort"',
  ],
  ["a field from nowhere", pod({ spec: "▸frobnicate: 1" }), 'TS2001 spec: unknown field "frobnicate"'],
  ["a field at the top", `${pod({})}▸replicas: 2\n`, 'TS2001 unknown field "replicas"'],
  [
    "labels at the top",
    `${pod({})}▸labels: {a: b}\n`,
    'TS2001 unknown field "labels" — did you mean metadata.labels?',
  ],
  [
    "text for a list",
    pod({ container: "command: ▸sleep 5" }),
    'TS2002 spec.containers[0].command: Invalid value: "sleep 5": must be a list of strings, not a string',
  ],
  [
    "a map for a list",
    pod({ container: "▸env:\n  A: b" }),
    "TS2002 spec.containers[0].env: Invalid value: must be a list of maps, not a map",
  ],
  [
    "a list for a map",
    pod({ container: "▸securityContext:\n- privileged: true" }),
    "TS2002 spec.containers[0].securityContext: Invalid value: must be a map of fields, not a list",
  ],
  [
    "a map for a text",
    pod({ container: "▸workingDir: {a: b}" }),
    "TS2002 spec.containers[0].workingDir: Invalid value: must be a string, not a map",
  ],
  [
    "a number in args",
    pod({ container: 'args: [sleep, ▸5, ▸1.5, ▸yes, "6"]' }),
    "TS2002 spec.containers[0].args[1]: Invalid value: 5: must be a string, not an integer",
    "TS2002 spec.containers[0].args[2]: Invalid value: 1.5: must be a string, not a number",
    "TS2002 spec.containers[0].args[3]: Invalid value: yes: must be a string, not a word YAML reads as true",
  ],
  [
    "a number as a variable",
    pod({ container: "env:\n- name: PORT\n  value: ▸8080" }),
    "TS2002 spec.containers[0].env[0].value: Invalid value: 8080: must be a string, not an integer",
  ],
  [
    "a quoted port",
    pod({ container: 'ports: [{containerPort: ▸"80"}]' }),
    'TS2002 spec.containers[0].ports[0].containerPort: Invalid value: "80": must be an integer, not a string',
  ],
  [
    "a fraction of a port",
    pod({ container: "ports: [{containerPort: ▸80.5}]" }),
    "TS2002 spec.containers[0].ports[0].containerPort: Invalid value: 80.5: must be a whole number",
  ],
  [
    "a port beyond 32 bits",
    pod({ container: "ports: [{containerPort: ▸99999999999}]" }),
    "TS2002 spec.containers[0].ports[0].containerPort: Invalid value: 99999999999: must fit in 32 bits",
  ],
  [
    "a quoted boolean",
    pod({ spec: 'hostNetwork: ▸"true"' }),
    'TS2002 spec.hostNetwork: Invalid value: "true": must be true or false, not a string',
  ],
  [
    "a number for a boolean",
    pod({ spec: "hostPID: ▸1" }),
    "TS2002 spec.hostPID: Invalid value: 1: must be true or false, not an integer",
  ],
  [
    "a number as a label",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  labels: {version: ▸1.0}\n",
    "TS2002 metadata.labels[version]: Invalid value: 1.0: must be a string, not an integer",
  ],
  [
    "a map in data",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: ▸{b: c}\n",
    "TS2002 data[a]: Invalid value: must be a string, not a map",
  ],
  [
    "secret text that is not base64",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: ▸pass word!}\n",
    "TS2002 data[p]: Invalid value: illegal base64 data at input byte 4",
  ],
  [
    "an empty item",
    pod({ container: "ports:\n- ▸\n" }).replace("- ▸\n", "- ▸~\n"),
    "TS2002 spec.containers[0].ports[0]: Invalid value: the item is empty, it must be a map of fields",
  ],
  [
    "a container that is a word",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers: [▸nginx]\n",
    "TS2002 spec.containers[0]: Invalid value: the item is a string, it must be a map of fields",
  ],
  [
    "no containers",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n▸spec:\n  hostNetwork: true\n",
    "TS2003 spec.containers: Required value",
  ],
  [
    "no spec",
    "▸apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
    "TS2003 spec: Required value: a pod has at least one container",
  ],
  [
    "no metadata",
    "▸apiVersion: v1\nkind: ConfigMap\n",
    "TS2003 metadata: Required value: an object has a name",
  ],
  [
    "no name",
    "apiVersion: v1\nkind: ConfigMap\n▸metadata: {labels: {a: b}}\n",
    "TS2003 metadata.name: Required value: name or generateName is required",
  ],
  [
    "no name of the container",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - ▸image: b\n",
    "TS2003 spec.containers[0].name: Required value",
  ],
  [
    "no path of a mount",
    pod({ spec: "volumes: [{name: v, emptyDir: {}}]", container: "volumeMounts: [{▸name: v}]" }),
    "TS2003 spec.containers[0].volumeMounts[0].mountPath: Required value",
  ],
];

describe("a manifest with wrong fields", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toEqual(expected.map((line, i) => `${marks[i]} ${line}`));
  });

  const note = (text: string) => parse(text).problems.map(({ excerpt, help }) => excerpt?.note ?? help);

  it.each([
    [pod({ container: "comand: [a]" }), 'did you mean "command"?'],
    [pod({ container: "Image: a" }), 'did you mean "image"?'],
    [pod({ container: "working_dir: /" }), 'did you mean "workingDir"?'],
    [pod({ container: "workdir: /" }), 'did you mean "workingDir"?'],
    [pod({ container: "entrypoint: [a]" }), 'did you mean "command"?'],
    [pod({ container: "imagePullPolcy: Never" }), 'did you mean "imagePullPolicy"?'],
    [pod({ container: "ports: [{port: 80, containerPort: 80}]" }), 'did you mean "containerPort"?'],
    [
      pod({ container: "command: sleep 5" }),
      'write command: ["sleep","5"], or ["sh", "-c", "sleep 5"] for a shell line',
    ],
    [pod({ container: "args: [5]" }), 'quote it: "5"'],
    [pod({ container: 'ports: [{containerPort: "80"}]' }), "remove the quotes: 80"],
    [pod({ container: "ports: {containerPort: 80}" }), 'begin each item with "- ": - containerPort: …'],
    [pod({ container: "hostNetwork: true" }), '"hostNetwork" belongs to spec: write it next to "containers"'],
    [pod({ container: "capabilities: {}" }), 'write it inside "securityContext:", indented below it'],
    [pod({ container: "resources: {memory: 64Mi}" }), 'write it inside "limits:", indented below it'],
    [pod({ container: "env:\n  FOO: bar" }), 'write each variable as an item: - {name: FOO, value: "bar"}'],
    [pod({ container: 'env: ["FOO=bar"]' }), 'write - {name: FOO, value: "bar"}'],
    [pod({ container: "ports: [80:8080]" }), "write - containerPort: 8080, and hostPort: 80 below it"],
    [pod({ container: "ports: [80]" }), "write - containerPort: 80"],
    [pod({ container: "volumeMounts: ['v:/data:ro']" }), "write - {name: v, mountPath: /data}"],
    [pod({ container: "livenessProbe: {http: {port: 80}}" }), 'did you mean "httpGet"?'],
    [pod({ spec: "volumes: [{name: v, configMap: {configMapName: c}}]" }), 'did you mean "name"?'],
    ["apiVersion: v1\nKind: Pod\nmetadata: {name: x}\n", 'did you mean "kind"?'],
    [
      "services: {web: {image: nginx}}\n",
      "write the services as containers of a Pod; kompose convert makes a first version",
    ],
  ])("is told the likely fix (%#)", (text, advice) => {
    expect(note(text)).toContain(advice);
  });

  it("names the field in the path, and the value", () => {
    const { problems } = parse(pod({ container: "comand: [a]\nargs: [5]" }));
    expect(problems.map(({ path, value }) => [path, value])).toEqual([
      ["spec.containers[0].comand", undefined],
      ["spec.containers[0].args[0]", 5],
    ]);
  });

  it("does not repeat a secret", () => {
    const [problem] = parse(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: hunter2!}\n",
    ).problems;
    expect(problem?.value).toBeUndefined();
    expect(problem?.message).not.toContain("hunter2");
  });

  it("gives one message for one slip", () => {
    expect(parse(pod({ container: "livenessProbe: {http: {port: 80}}" })).problems).toHaveLength(1);
    expect(parse(pod({ spec: "volumes: [{name: v, configMap: {configMapName: c}}]" })).problems).toHaveLength(
      1,
    );
    expect(
      parse(pod({ spec: "volumes: {}", container: "volumeMounts: [{name: v, mountPath: /v}]" })).problems,
    ).toHaveLength(1);
    expect(
      parse("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: x}\n").problems,
    ).toHaveLength(1);
  });
});

it("a template that was not filled in is one problem, not several", () => {
  const { marks, found } = problemsOf(pod({}).replace("image: busybox", "image: ▸{{ .Values.image }}"));
  expect(found).toEqual([
    `${marks[0]} TS1108 this is a Helm template, not yet a manifest: {{ .Values.image }} was not filled in`,
  ]);
});

it("what stands in the wrong place is not missing in the right one", () => {
  const mounts = "volumeMounts: [{name: v, mountPath: /v}]\n▸volumes: [{name: v, emptyDir: {}}]";
  const { marks, found } = problemsOf(pod({ container: mounts }));
  expect(found).toEqual([
    `${marks[0]} TS2001 spec.containers[0]: unknown field "volumes" — did you mean spec.volumes?`,
  ]);
  const both = problemsOf(pod({ container: mounts, spec: "volumes: [{name: V_, emptyDir: {}}]" }));
  expect(both.found).toHaveLength(3);
});
