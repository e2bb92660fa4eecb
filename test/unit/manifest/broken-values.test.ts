import { describe, expect, it } from "vitest";
import { pod, problemsOf } from "./support.ts";

type Case = [name: string, text: string, ...expected: string[]];

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

const NUL = "must not contain a NUL character: the kernel ends every text at the first";

const named = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ▸${name}\n`;
const c = "spec.containers[0]";

/** Values that break a rule of the API, in the API's words; ▸ marks each place in the order of the expected lines. */
const cases: Case[] = [
  ["a name in capitals", named("A_b"), `TS3001 metadata.name: Invalid value: "A_b": ${SUBDOMAIN}`],
  [
    "a long name",
    named("a".repeat(254)),
    `TS3001 metadata.name: Invalid value: "${"a".repeat(254)}": must be no more than 253 characters`,
  ],
  ["a name with a slash", named('"../x"'), `TS3001 metadata.name: Invalid value: "../x": ${SUBDOMAIN}`],
  [
    "a namespace with dots",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ▸a.b}\n",
    'TS3001 metadata.namespace: Invalid value: "a.b": must not contain dots',
  ],
  [
    "labels",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  labels:\n    ▸-a: x\n    b: ▸-y\n",
    "TS3001 metadata.labels: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    `TS3001 metadata.labels: Invalid value: "-y": ${LABEL_VALUE}`,
  ],
  [
    "a container's name",
    pod({}).replace("name: a", "name: ▸A_b"),
    `TS3001 ${c}.name: Invalid value: "A_b": ${LABEL}`,
  ],
  [
    "the same name twice",
    `${pod({})}  - name: ▸a\n    image: b\n`,
    'TS3004 spec.containers[1].name: Duplicate value: "a"',
  ],
  [
    "a NUL in what the kernel gets",
    pod({
      container:
        'command: [sh, ▸"a\\0b"]\nenv: [{name: A, value: ▸"\\0"}]\nvolumeMounts: [{name: v, mountPath: /v, subPath: ▸"x\\0"}]',
      spec: 'volumes: [{name: v, hostPath: {path: ▸"/tmp\\0/x"}}]',
    }),
    `TS3001 spec.volumes[0].hostPath.path: Invalid value: "/tmp\\u0000/x": ${NUL}`,
    `TS3001 ${c}.command[1]: Invalid value: "a\\u0000b": ${NUL}`,
    `TS3001 ${c}.env[0].value: Invalid value: "\\u0000": ${NUL}`,
    `TS3001 ${c}.volumeMounts[0].subPath: Invalid value: "x\\u0000": ${NUL}`,
  ],
  [
    "no image",
    pod({}).replace("    image: busybox\n", "").replace("- name", "- ▸name"),
    `TS2003 ${c}.image: Required value`,
  ],
  [
    "an empty list of containers",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  ▸containers: []\n",
    "TS2003 spec.containers: Required value",
  ],
  [
    "a pull policy",
    pod({ container: "imagePullPolicy: ▸always" }),
    `TS3003 ${c}.imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never"`,
  ],
  [
    "a restart policy",
    pod({ spec: "restartPolicy: ▸never" }),
    'TS3003 spec.restartPolicy: Unsupported value: "never": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    "port 0 and 70000",
    pod({ container: "ports:\n- containerPort: ▸0\n- containerPort: ▸70000" }),
    `TS2003 ${c}.ports[0].containerPort: Required value`,
    `TS3001 ${c}.ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
  ],
  [
    "a host port",
    pod({ container: "ports: [{containerPort: 80, hostPort: ▸-1}]" }),
    `TS3001 ${c}.ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive`,
  ],
  [
    "a port's name",
    pod({ container: "ports: [{name: ▸Web_1, containerPort: 80}]" }),
    `TS3001 ${c}.ports[0].name: Invalid value: "Web_1": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
  ],
  [
    "a port's long name",
    pod({ container: "ports: [{name: ▸abcdefghijklmnop, containerPort: 80}]" }),
    `TS3001 ${c}.ports[0].name: Invalid value: "abcdefghijklmnop": must be no more than 15 characters`,
  ],
  [
    "a port's name twice",
    pod({ container: "ports: [{name: a, containerPort: 80}, {name: ▸a, containerPort: 81}]" }),
    `TS3004 ${c}.ports[1].name: Duplicate value: "a"`,
  ],
  [
    "a protocol",
    pod({ container: "ports: [{containerPort: 80, protocol: ▸tcp}]" }),
    `TS3003 ${c}.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"`,
  ],
  [
    "a host address",
    pod({ container: "ports: [{containerPort: 80, hostIP: ▸10.0.0.256}]" }),
    `TS3001 ${c}.ports[0].hostIP: Invalid value: "10.0.0.256": ${IP}`,
  ],
  [
    "the same host port twice",
    `${pod({ container: "ports: [{containerPort: 80, hostPort: 8080}]" })}  - name: b\n    image: b\n    ports: [{containerPort: 81, hostPort: ▸8080}]\n`,
    'TS3004 spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"',
  ],
  [
    "another host port in the host's network",
    pod({ spec: "hostNetwork: true", container: "ports: [{containerPort: 80, hostPort: ▸81}]" }),
    `TS3001 ${c}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`,
  ],
  [
    "a variable's name",
    pod({ container: 'env: [{name: ▸"a=b"}]' }),
    `TS3001 ${c}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ],
  [
    "a variable from a file of no volume, without a name, outside",
    pod({
      container:
        "env:\n- name: A\n  valueFrom: {fileKeyRef: {volumeName: ▸env, path: ▸../x, key: ▸''}}\n- name: B\n  valueFrom: {fileKeyRef: {volumeName: ▸h, path: x, key: B}}",
      spec: "volumes:\n- {name: h, hostPath: {path: /h}}",
    }),
    `TS3005 ${c}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "env"`,
    `TS3001 ${c}.env[0].valueFrom.fileKeyRef.path: Invalid value: "../x": must not contain '..'`,
    `TS2003 ${c}.env[0].valueFrom.fileKeyRef.key: Required value`,
    `TS3001 ${c}.env[1].valueFrom.fileKeyRef.volumeName: Invalid value: "h": referenced volume must be of type emptyDir`,
  ],
  [
    "a variable without source",
    pod({ container: "env: [{name: A, ▸valueFrom: {}}]" }),
    `TS3001 ${c}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``,
  ],
  [
    "a variable with value and source",
    pod({ container: "env: [{name: A, value: b, ▸valueFrom: {fieldRef: {fieldPath: metadata.name}}}]" }),
    `TS3001 ${c}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
  ],
  [
    "a fieldPath",
    pod({ container: "env: [{name: A, valueFrom: {fieldRef: {fieldPath: ▸status.ip}}}]" }),
    `TS3001 ${c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "status.ip": error converting fieldPath: field label not supported: status.ip`,
  ],
  [
    "a fieldPath of volumes",
    pod({ container: "env: [{name: A, valueFrom: {fieldRef: {fieldPath: ▸metadata.labels}}}]" }),
    `TS3003 ${c}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
  ],
  [
    "a resource",
    pod({ container: "env: [{name: A, valueFrom: {resourceFieldRef: {resource: ▸limits.cpus}}}]" }),
    `TS3003 ${c}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.cpus": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
  ],
  [
    "a divisor",
    pod({
      container: "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: ▸1Mi}}}]",
    }),
    `TS3001 ${c}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
  ],
  [
    "a key",
    pod({ container: 'env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: ▸"a b"}}}]' }),
    `TS3001 ${c}.env[0].valueFrom.configMapKeyRef.key: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
  ],
  [
    "an empty envFrom",
    pod({ container: "envFrom:\n- ▸prefix: A_" }),
    `TS3001 ${c}.envFrom[0]: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
  ],
  [
    "memory in MB",
    pod({ container: "resources: {limits: {memory: ▸64MB}}" }),
    `TS2002 ${c}.resources.limits[memory]: Invalid value: "64MB": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
  ],
  [
    "more requested than the limit",
    pod({ container: "resources:\n  limits: {memory: 1Gi, cpu: 1}\n  requests: {memory: ▸2Gi, cpu: 1000m}" }),
    `TS3001 ${c}.resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi`,
  ],
  [
    "a negative amount",
    pod({ container: "resources: {limits: {cpu: ▸-1}}" }),
    `TS3001 ${c}.resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
  ],
  [
    "an unknown resource",
    pod({ container: "resources: {limits: {▸mem: 1Gi}}" }),
    `TS3001 ${c}.resources.limits[mem]: Invalid value: "mem": must be a standard resource type or fully qualified`,
  ],
  [
    "a GPU",
    pod({ container: "resources: {limits: {▸nvidia.com/gpu: 1}}" }),
    `TS2006 ${c}.resources.limits[nvidia.com/gpu]: cannot be used with tspod: no device plugin offers nvidia.com/gpu here`,
  ],
];

describe("a manifest with wrong values", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toEqual(expected.map((line, i) => `${marks[i]} ${line}`));
  });

  it("is told of an init container with a container's name", () => {
    const { marks, found } = problemsOf(pod({ spec: "initContainers:\n- name: ▸a\n  image: b" }));
    expect(found).toEqual([`${marks[0]} TS3004 spec.initContainers[0].name: Duplicate value: "a"`]);
  });
});
