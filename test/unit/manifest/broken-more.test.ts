import { describe, expect, it } from "vitest";
import { parse, pod, problemsOf } from "./support.ts";

const c = "spec.containers[0]";
const env = (resource: string, divisor: string) =>
  pod({
    container: `env: [{name: A, valueFrom: {resourceFieldRef: {resource: ${resource}, divisor: ${divisor}}}}]`,
  });
const sizes =
  "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the";

/** Rules whose violation is rarer; also of fields that are not honoured yet, which add a line of their own (TS2007). */
const cases: [name: string, text: string, ...expected: string[]][] = [
  [
    "both sources of envFrom",
    pod({ container: "envFrom:\n- ▸configMapRef: {name: a}\n  secretRef: {name: b}" }),
    `TS3001 ${c}.envFrom[0]: Invalid value: "": may not have more than one field specified at a time`,
  ],
  [
    "a prefix",
    pod({ container: 'envFrom:\n- prefix: ▸"A="\n  configMapRef: {name: a}' }),
    `TS3001 ${c}.envFrom[0].prefix: Invalid value: "A=": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ],
  [
    "two sources of a variable",
    pod({
      container:
        "env:\n- name: A\n  ▸valueFrom: {fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: s, key: k}}",
    }),
    `TS3001 ${c}.env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time`,
  ],
  [
    "a memory divisor",
    env("limits.memory", "▸3"),
    `TS3001 ${c}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.memory": ${sizes} memory resource`,
  ],
  [
    "a storage divisor",
    env("requests.ephemeral-storage", "▸1m"),
    `TS3001 ${c}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "requests.ephemeral-storage": ${sizes} local ephemeral storage resource`,
  ],
  [
    "a subscript",
    pod({ container: "env: [{name: A, valueFrom: {fieldRef: {fieldPath: ▸\"metadata.name['x']\"}}}]" }),
    `TS3001 ${c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name['x']": error converting fieldPath: field label does not support subscript: metadata.name['x']`,
  ],
  [
    "a version of a fieldRef",
    pod({
      container: "env: [{name: A, valueFrom: {fieldRef: {apiVersion: v2, fieldPath: ▸metadata.name}}}]",
    }),
    `TS3001 ${c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`,
  ],
  [
    "an AppArmor type",
    pod({ container: "securityContext: {appArmorProfile: {type: ▸Default}}" }),
    `TS3003 ${c}.securityContext.appArmorProfile.type: Unsupported value: "Default": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
  ],
  [
    "an AppArmor profile without name",
    pod({ container: "securityContext: {▸appArmorProfile: {type: Localhost}}" }),
    `TS2003 ${c}.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`,
  ],
  [
    "empty types",
    pod({ spec: 'securityContext: {seccompProfile: {type: ▸""}, appArmorProfile: {type: ▸""}}' }),
    "TS2003 spec.securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set",
    "TS2003 spec.securityContext.appArmorProfile.type: Required value: type is required when appArmorProfile is set",
  ],
  [
    "a padded AppArmor profile",
    pod({ container: 'securityContext: {appArmorProfile: {type: Localhost, localhostProfile: ▸" x"}}' }),
    `TS3001 ${c}.securityContext.appArmorProfile.localhostProfile: Invalid value: " x": must not be padded with whitespace`,
  ],
  [
    "huge pages alone",
    pod({ container: "▸resources: {limits: {hugepages-2Mi: 4Mi}}" }),
    `TS3006 ${c}.resources: Forbidden: HugePages require cpu or memory`,
  ],
  [
    "huge pages that do not divide",
    pod({ container: "resources: {limits: {cpu: 1, hugepages-2Mi: ▸3Mi}}" }),
    `TS3001 ${c}.resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
  ],
  [
    "huge pages without limit",
    pod({ container: "resources: {requests: {cpu: 1, hugepages-2Mi: ▸4Mi}}" }),
    `TS2003 ${c}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
  ],
  [
    "projected sources",
    pod({
      spec: "volumes:\n- name: v\n  projected:\n    defaultMode: ▸01000\n    sources:\n    - ▸secret: {}\n    - ▸configMap: {name: a, items: [{key: k, path: p}]}\n      secret: {name: b}\n    - ▸configMap: {name: a, items: [{key: k, path: p}]}",
    }),
    "TS3001 spec.volumes[0].projected.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
    "TS2003 spec.volumes[0].projected.sources[0].secret.name: Required value",
    "TS3006 spec.volumes[0].projected.sources[1]: Forbidden: may not specify more than 1 volume type per source",
    'TS3001 spec.volumes[0].projected: Invalid value: "p": conflicting duplicate paths',
  ],
  [
    "files of the downward API",
    pod({
      spec: "volumes:\n- name: v\n  downwardAPI:\n    items:\n    - ▸path: a\n    - {path: ▸/b, fieldRef: {fieldPath: ▸status.podIP}}\n    - {path: c, ▸resourceFieldRef: {resource: limits.cpu}}\n    - {▸path: d, fieldRef: {fieldPath: metadata.labels}, resourceFieldRef: {containerName: a, resource: limits.cpu}}",
    }),
    "TS2003 spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required",
    'TS3001 spec.volumes[0].downwardAPI.items[1].path: Invalid value: "/b": must be a relative path',
    'TS3003 spec.volumes[0].downwardAPI.items[1].fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
    "TS2003 spec.volumes[0].downwardAPI.items[2].resourceFieldRef.containerName: Required value",
    'TS3001 spec.volumes[0].downwardAPI.items[3]: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously',
  ],
  [
    "host namespaces with a user namespace",
    pod({ spec: "hostIPC: ▸true\nhostUsers: false" }),
    "TS3006 spec.hostIPC: Forbidden: when `pod.Spec.HostUsers` is false",
  ],
  [
    "an overridden hostname",
    pod({ spec: `hostnameOverride: ▸${"a".repeat(65)}` }),
    "TS3007 spec.hostnameOverride: Too long: may not be more than 64 bytes",
  ],
  [
    "a deadline",
    pod({ spec: "activeDeadlineSeconds: ▸0" }),
    "TS3001 spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
  ],
  [
    "SCTP on the host",
    pod({ container: "ports: [{containerPort: 1, hostPort: 1, protocol: ▸SCTP}]" }),
    `TS2006 ${c}.ports[0].protocol: not supported yet: SCTP ports cannot be published on the host`,
  ],
  [
    "an image with a space",
    pod({}).replace("busybox", '▸"busybox "'),
    `TS3001 ${c}.image: Invalid value: "busybox ": must not have leading or trailing whitespace`,
  ],
  [
    "a key in both bags",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: ▸x}\nbinaryData: {a: eA==}\n",
    'TS3001 data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ],
  [
    "a key that goes up",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {▸..: x}\n",
    "TS3001 data[..]: Invalid value: \"..\": must not be '..'",
  ],
  [
    "too much data",
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n▸data: {a: ${"x".repeat(1024 * 1024 + 1)}}\n`,
    "TS3007 data: Too long: may not be more than 1048576 bytes",
  ],
];

describe("a manifest with rarer faults", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    const told = found.filter((line) => !line.includes(" TS2007 "));
    expect(told).toEqual(expected.map((line, i) => `${marks[i]} ${line}`));
  });
});

describe("a manifest without faults", () => {
  it.each([
    [
      "divisors",
      `${env("limits.cpu", "1m")}---\n${env("limits.memory", "1Mi").replace("web", "b")}---\n${env("limits.memory", "1k").replace("web", "d")}---\n${env("limits.memory", "0").replace("web", "e")}`,
    ],
    [
      "labels of the downward API",
      pod({
        container: "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a.b/c']\"}}}]",
      }),
    ],
    [
      "the same port by TCP and UDP",
      pod({
        container:
          "ports: [{containerPort: 53, hostPort: 53}, {containerPort: 53, hostPort: 53, protocol: UDP}]",
      }),
    ],
    [
      "the same host port on two addresses",
      pod({
        container:
          'ports: [{containerPort: 1, hostPort: 1, hostIP: 10.0.0.1}, {containerPort: 1, hostPort: 1, hostIP: "::1"}]',
      }),
    ],
    [
      "init containers with the same host port",
      pod({
        spec: "initContainers: [{name: i, image: b, ports: [{containerPort: 1, hostPort: 1}]}, {name: j, image: b, ports: [{containerPort: 1, hostPort: 1}]}]",
      }),
    ],
    ["SCTP inside", pod({ container: "ports: [{containerPort: 1, protocol: SCTP}]" })],
    [
      "runAsNonRoot with a user",
      pod({ container: "securityContext: {runAsNonRoot: true, runAsUser: 1000}" }),
    ],
    ["root without runAsNonRoot", pod({ container: "securityContext: {runAsUser: 0}" })],
    [
      "IPv6 servers and an underscore in a search",
      pod({
        spec: 'dnsConfig: {nameservers: ["2001:db8::1", "::ffff:1.2.3.4", "::"], searches: [_x.example., .], options: [{name: ndots, value: "2"}]}',
      }),
    ],
    [
      "empty lists and maps",
      pod({
        spec: "initContainers: []\nvolumes:\nhostAliases: []",
        container: "env: []\nports: []\ncommand:\nresources: {}\nsecurityContext: {}",
      }),
    ],
  ])("is not told anything: %s", (_, text) => {
    expect(problemsOf(text).found).toEqual([]);
  });

  it.each(["1::2::3", "1:2:3", "12345::", "1.2.3.4.5", "", "g::"])(
    "does not take %j for an address",
    (ip) => {
      expect(parse(pod({ spec: `dnsConfig: {nameservers: ["${ip}"]}` })).problems).toHaveLength(1);
    },
  );

  it("names a good name for a bad one", () => {
    const note = (name: string) =>
      parse(pod({}).replace("name: a", `name: ${name}`)).problems[0]?.excerpt?.note;
    expect([note("My_Web"), note('"-x-"'), note('"!"')]).toEqual([
      'did you mean "my-web"?',
      'did you mean "x"?',
      undefined,
    ]);
  });

  it("is told what a name may refer to", () => {
    const help = (spec: string, name: string) =>
      parse(pod({ spec, container: `volumeMounts: [{name: ${name}, mountPath: /v}]` })).problems[0]?.help;
    expect(help("volumes: [{name: data, emptyDir: {}}]", "dat")).toBe('did you mean "data"?');
    expect(help("volumes: [{name: data, emptyDir: {}}]", "other")).toBe('spec.volumes has "data"');
    expect(help("", "other")).toBe("there are none: add it under spec.volumes");
  });

  it("may have as much as the limits allow", () => {
    const searches = Array.from({ length: 32 }, (_, i) => `s${i}.example`).join(", ");
    const text = pod({
      spec: `terminationGracePeriodSeconds: 0\ndnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3], searches: [${searches}]}`,
      container:
        "securityContext: {runAsUser: 2147483647}\nports: [{containerPort: 65535, name: abcdefghijklmno}]",
    });
    expect(problemsOf(text).found).toEqual([]);
  });
});
