import { describe, expect, it } from "vitest";
import { pod, problemsOf } from "./support.ts";

const c = "spec.containers[0]";
const rule = (fields: string) => `restartPolicyRules: [{${fields}}]`;

/** What stands there, and what is said of it; problems of fields that are not honoured yet aside. */
const cases: [name: string, text: string, ...expected: string[]][] = [
  [
    "restart rules without a policy",
    pod({ container: `▸${rule("action: Restart, exitCodes: {operator: In, values: [1]}")}` }),
    `TS2003 ${c}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
  ],
  [
    "a restart rule's action",
    pod({
      container: `restartPolicy: Never\n${rule("action: ▸DoNotRestart, exitCodes: {operator: In, values: [3]}")}`,
    }),
    `TS3003 ${c}.restartPolicyRules[0].action: Unsupported value: "DoNotRestart": supported values: "Restart", "RestartAllContainers"`,
  ],
  [
    "a restart rule's operator",
    pod({
      container: `restartPolicy: Never\n${rule("action: Restart, exitCodes: {operator: ▸Equals, values: [3]}")}`,
    }),
    `TS3003 ${c}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Equals": supported values: "In", "NotIn"`,
  ],
  [
    "a restart rule that looks at nothing",
    pod({ container: `restartPolicy: Never\nrestartPolicyRules:\n- ▸action: Restart` }),
    `TS2003 ${c}.restartPolicyRules[0].exitCodes: Required value: must be specified`,
  ],
  [
    "restart rules without end",
    pod({
      container: `restartPolicy: Never\n▸restartPolicyRules: [${Array.from({ length: 21 }, () => "{action: Restart, exitCodes: {operator: In, values: [1]}}").join(", ")}]`,
    }),
    `TS3008 ${c}.restartPolicyRules: Too many: 21: must have at most 20 items`,
  ],
  [
    "exit codes without end",
    pod({
      container: `restartPolicy: Never\nrestartPolicyRules: [{action: Restart, exitCodes: {operator: In, ▸values: [${Array(256).fill(1).join(", ")}]}}]`,
    }),
    `TS3008 ${c}.restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items`,
  ],
  [
    "a sidecar of another policy",
    pod({ spec: "initContainers: [{name: i, image: b, restartPolicy: ▸Sometimes}]" }),
    'TS3003 spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    "a resize policy twice, and of another resource",
    pod({
      container:
        "resizePolicy:\n- {resourceName: cpu, restartPolicy: NotRequired}\n- {▸resourceName: cpu, restartPolicy: NotRequired}\n- {resourceName: ▸disk, restartPolicy: ▸Never}",
    }),
    `TS3004 ${c}.resizePolicy[1]: Duplicate value: "cpu"`,
    `TS3003 ${c}.resizePolicy[2].resourceName: Unsupported value: "disk": supported values: "cpu", "memory"`,
    `TS3003 ${c}.resizePolicy[2].restartPolicy: Unsupported value: "Never": supported values: "NotRequired", "RestartContainer"`,
  ],
  [
    "a restart to resize in a pod that restarts nothing",
    pod({
      spec: "restartPolicy: Never",
      container: "resizePolicy: [{resourceName: memory, restartPolicy: ▸RestartContainer}]",
    }),
    `TS3001 ${c}.resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
  ],
  [
    "a stop signal of no system",
    pod({ container: "lifecycle: {stopSignal: ▸SIGUSR1}" }),
    `TS3006 ${c}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``,
  ],
  [
    "a stop signal by another name",
    pod({ spec: "os: {name: linux}", container: "lifecycle: {stopSignal: ▸usr1}" }),
    `TS3001 ${c}.lifecycle.stopSignal: Invalid value: "usr1": is no signal that a container can be stopped with`,
  ],
  [
    "hooks of an ordinary init container",
    pod({ spec: "initContainers: [{name: i, image: b, ▸lifecycle: {preStop: {sleep: {seconds: 1}}}}]" }),
    "TS3006 spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
  ],
];

describe("a manifest with a wrong restart, resize or end", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    const rules = found.filter((line) => !line.includes(" TS2007 "));
    expect(rules).toEqual(expected.map((line, i) => `${marks[i]} ${line}`));
  });

  it("is not, where sidecars have what containers have", () => {
    const sidecar =
      "{name: i, image: b, restartPolicy: Always, readinessProbe: {exec: {command: [a]}}, lifecycle: {preStop: {sleep: {seconds: 1}}}}";
    const { found } = problemsOf(pod({ spec: `initContainers: [${sidecar}]` }));
    expect(found.filter((line) => !line.includes(" TS2007 "))).toEqual([]);
  });

  it("is not, of the 65 signals", () => {
    for (const signal of ["SIGTERM", "SIGCLD", "SIGRTMIN", "SIGRTMIN+15", "SIGRTMAX-14", "SIGRTMAX"])
      expect(
        problemsOf(pod({ spec: "os: {name: linux}", container: `lifecycle: {stopSignal: ${signal}}` })).found,
      ).toEqual([]);
  });
});
