import { describe, expect, it } from "vitest";
import { parse, pod, problemsOf } from "./support.ts";

const c = "spec.containers[0]";
const ID = "must be between 0 and 2147483647, inclusive";
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const SYSCTL =
  "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const security = (context: string) => pod({ container: `securityContext: {${context}}` });
const sysctl = (name: string, value = "1") =>
  pod({ spec: `securityContext: {sysctls: [{name: ${name}, value: "${value}"}]}` });

const cases: [name: string, text: string, ...expected: string[]][] = [
  [
    "a negative user",
    security("runAsUser: ▸-1"),
    `TS3001 ${c}.securityContext.runAsUser: Invalid value: -1: ${ID}`,
  ],
  [
    "a user beyond 31 bits",
    security("runAsUser: ▸4294967295"),
    `TS3001 ${c}.securityContext.runAsUser: Invalid value: 4294967295: ${ID}`,
  ],
  [
    "groups",
    pod({ spec: "securityContext: {fsGroup: ▸-1, supplementalGroups: [5, ▸-2]}" }),
    `TS3001 spec.securityContext.fsGroup: Invalid value: -1: ${ID}`,
    `TS3001 spec.securityContext.supplementalGroups[1]: Invalid value: -2: ${ID}`,
  ],
  [
    "a capability",
    security("capabilities: {add: [NET_ADMIN, ▸NET_ADMN]}"),
    `TS3001 ${c}.securityContext.capabilities.add[1]: Invalid value: "NET_ADMN": is no Linux capability`,
  ],
  [
    "privilege without escalation",
    security("privileged: true, allowPrivilegeEscalation: ▸false"),
    `TS3001 ${c}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
  ],
  [
    "SYS_ADMIN without escalation",
    security("capabilities: {add: [SYS_ADMIN]}, allowPrivilegeEscalation: ▸false"),
    `TS3001 ${c}.securityContext: Invalid value: {"capabilities":{"add":["SYS_ADMIN"]},"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
  ],
  [
    "an unmasked /proc",
    security("procMount: ▸Unmasked"),
    `TS3001 ${c}.securityContext.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``,
  ],
  [
    "a seccomp type",
    security("seccompProfile: {type: ▸Default}"),
    `TS3003 ${c}.securityContext.seccompProfile.type: Unsupported value: "Default": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
  ],
  [
    "a seccomp profile without file",
    security("▸seccompProfile: {type: Localhost}"),
    `TS2003 ${c}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`,
  ],
  [
    "a seccomp file that goes up",
    security("seccompProfile: {type: Localhost, localhostProfile: ▸../x}"),
    `TS3001 ${c}.securityContext.seccompProfile.localhostProfile: Invalid value: "../x": must not contain '..'`,
  ],
  [
    "a seccomp file that is not used",
    security("seccompProfile: {type: Unconfined, localhostProfile: ▸x}"),
    `TS3001 ${c}.securityContext.seccompProfile.localhostProfile: Invalid value: "x": can only be set when seccomp type is Localhost`,
  ],
  [
    "a sysctl of the machine",
    sysctl("▸kernel.core_pattern"),
    'TS3006 spec.securityContext.sysctls[0].name: Forbidden: sysctl "kernel.core_pattern" is not namespaced: it would change the whole machine',
  ],
  [
    "a sysctl of the machine with slashes",
    sysctl("▸kernel/core_pattern"),
    'TS3006 spec.securityContext.sysctls[0].name: Forbidden: sysctl "kernel/core_pattern" is not namespaced: it would change the whole machine',
  ],
  [
    "a sysctl that goes up",
    sysctl("▸net.ipv4/../../kernel/core_pattern"),
    `TS3001 spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4/../../kernel/core_pattern": ${SYSCTL}`,
  ],
  [
    "a sysctl joined to another",
    pod({
      spec: 'securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: ▸"1+kernel.core_pattern=|/x"}]}',
    }),
    "TS3001 spec.securityContext.sysctls[0].value: Invalid value: \"1+kernel.core_pattern=|/x\": must be a plain value; '+' would join a second sysctl to it",
  ],
  [
    "a sysctl of two lines",
    pod({ spec: 'securityContext: {sysctls: [{name: net.core.somaxconn, value: ▸"1\\n2"}]}' }),
    'TS3001 spec.securityContext.sysctls[0].value: Invalid value: "1\\n2": must be one line of printable characters',
  ],
  [
    "a sysctl of the host's network",
    pod({ spec: 'hostNetwork: true\nsecurityContext: {sysctls: [{name: ▸net.core.somaxconn, value: "1"}]}' }),
    "TS3001 spec.securityContext.sysctls[0].name: Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true",
  ],
  [
    "a sysctl of the host's IPC",
    pod({ spec: 'hostIPC: true\nsecurityContext: {sysctls: [{name: ▸kernel.shmmax, value: "1"}]}' }),
    "TS3001 spec.securityContext.sysctls[0].name: Invalid value: \"kernel.shmmax\": may not be specified when 'hostIPC' is true",
  ],
  [
    "both process tables",
    pod({ spec: "hostPID: true\nshareProcessNamespace: ▸true" }),
    "TS3001 spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
  ],
  [
    "Windows",
    pod({ spec: "os: {name: ▸windows}" }),
    'TS2006 spec.os.name: cannot be used with tspod: "windows" containers need a Windows kernel',
  ],
  [
    "another system",
    pod({ spec: "os: {name: ▸plan9}" }),
    'TS3003 spec.os.name: Unsupported value: "plan9": supported values: "linux", "windows"',
  ],
  [
    "a runtime class",
    pod({ spec: "▸runtimeClassName: gvisor" }),
    "TS2006 spec.runtimeClassName: cannot be used with tspod: there is one runtime, tspod itself",
  ],
  [
    "a DNS policy",
    pod({ spec: "dnsPolicy: ▸Cluster" }),
    'TS3003 spec.dnsPolicy: Unsupported value: "Cluster": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [
    "no DNS at all",
    pod({ spec: "dnsPolicy: ▸None" }),
    "TS2003 spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
  ],
  [
    "name servers",
    pod({ spec: "dnsConfig:\n  ▸nameservers: [1.1.1.1, ▸dns.example, 1.1.1.2, 1.1.1.3]" }),
    'TS3001 spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","dns.example","1.1.1.2","1.1.1.3"]: must not have more than 3 nameservers',
    `TS3001 spec.dnsConfig.nameservers[1]: Invalid value: "dns.example": ${IP}`,
  ],
  [
    "a host alias",
    pod({ spec: "hostAliases: [{ip: ▸1.2.3, hostnames: [ok]}]" }),
    `TS3001 spec.hostAliases[0].ip: Invalid value: "1.2.3": ${IP}`,
  ],
  [
    "a hostname",
    pod({ spec: "hostname: ▸a.b" }),
    'TS3001 spec.hostname: Invalid value: "a.b": must not contain dots',
  ],
  [
    "a grace period",
    pod({ spec: "terminationGracePeriodSeconds: ▸-1" }),
    "TS3014 spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
  ],
  [
    "ephemeral containers",
    pod({ spec: "▸ephemeralContainers: [{name: d, image: b}]" }),
    "TS3006 spec.ephemeralContainers: Forbidden: cannot be set on create",
  ],
  [
    "a probe of an init container",
    pod({ spec: "initContainers:\n- name: i\n  image: b\n  ▸lifecycle: {}" }),
    "TS3006 spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
  ],
];

describe("a manifest that asks for too much", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toEqual(expected.map((line, i) => `${marks[i]} ${line}`));
  });

  it("is told the nearest capability", () => {
    const [problem] = parse(security("capabilities: {add: [NET_ADMN]}")).problems;
    expect(problem?.excerpt?.note).toBe('did you mean "NET_ADMIN"?');
  });

  it.each(["ALL", "CAP_NET_RAW", "sys_time", "CHECKPOINT_RESTORE"])("may name the capability %s", (name) => {
    expect(parse(security(`capabilities: {drop: [${name}]}`)).problems).toEqual([]);
  });

  it.each(["net.ipv4.ip_forward", "net/ipv4/conf/eth0.1/rp_filter", "kernel.msgmax", "fs.mqueue.msg_max"])(
    "may set the sysctl %s",
    (name) => {
      expect(parse(sysctl(name)).problems).toEqual([]);
    },
  );

  it("is warned that it will not start as root", () => {
    const { marks, found } = problemsOf(security("runAsNonRoot: true, runAsUser: ▸0"));
    expect(found).toEqual([
      `${marks[0]} TS3012 ${c}.securityContext.runAsUser: runAsNonRoot is true and the user is 0: the container will not start`,
    ]);
  });
});

/** Probes and hooks are checked now, though they are not run yet: each also gives that warning. */
describe("a manifest with wrong probes", () => {
  const probes: [name: string, text: string, expected: string][] = [
    [
      "two handlers",
      "livenessProbe: {exec: {command: [a]}, ▸tcpSocket: {port: 1}}",
      "TS3006 livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
    ],
    [
      "no handler",
      "▸livenessProbe: {periodSeconds: 1}",
      "TS2003 livenessProbe: Required value: must specify a handler type",
    ],
    ["no command", "livenessProbe: {▸exec: {}}", "TS2003 livenessProbe.exec.command: Required value"],
    [
      "a threshold",
      "livenessProbe: {exec: {command: [a]}, successThreshold: ▸2}",
      "TS3001 livenessProbe.successThreshold: Invalid value: 2: must be 1",
    ],
    [
      "a negative delay",
      "readinessProbe: {exec: {command: [a]}, initialDelaySeconds: ▸-5}",
      "TS3001 readinessProbe.initialDelaySeconds: Invalid value: -5: must be greater than or equal to 0",
    ],
    [
      "a grace period of a readiness probe",
      "readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: ▸5}",
      "TS3001 readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes",
    ],
    [
      "a port",
      "livenessProbe: {httpGet: {port: ▸0}}",
      "TS3001 livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
    ],
    [
      "a port's name",
      "ports: [{name: web, containerPort: 80}]\nlivenessProbe: {httpGet: {port: ▸wbe}}",
      'TS3005 livenessProbe.httpGet.port: Not found: "wbe"',
    ],
    [
      "a scheme",
      "livenessProbe: {httpGet: {port: 80, scheme: ▸https}}",
      'TS3003 livenessProbe.httpGet.scheme: Unsupported value: "https": supported values: "HTTP", "HTTPS"',
    ],
    [
      "a header",
      'livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: ▸"a b", value: c}]}}',
      "TS3001 livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
    [
      "a long sleep",
      "lifecycle: {preStop: {sleep: {seconds: ▸31}}}",
      "TS3001 lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)",
    ],
    [
      "a hook by TCP",
      "lifecycle: {preStop: {▸tcpSocket: {port: 1}}}",
      "TS2006 lifecycle.preStop.tcpSocket: cannot be used with tspod: a kubelet fails it when it runs: nothing is sent",
    ],
  ];

  it.each(probes)("is told of %s", (_, container, expected) => {
    const { marks, found } = problemsOf(pod({ container }));
    const [code, ...rest] = expected.split(" ");
    expect(found).toContain(`${marks[0]} ${code} ${c}.${rest.join(" ")}`);
    expect(found.filter((line) => !line.includes("TS2007"))).toHaveLength(1);
  });
});
