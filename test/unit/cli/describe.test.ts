import { describe, expect, it } from "vitest";
import { describePod } from "../../../src/cli/render/describe.ts";
import { layout } from "../../../src/cli/render/fields.ts";
import { infraRows } from "../../../src/cli/render/infra-list.ts";
import { inspection } from "../../../src/cli/render/inspection.ts";
import { table } from "../../../src/cli/render/table.ts";
import type { PodEvent } from "../../../src/state/events.ts";
import { podView } from "../pod/views.ts";

const now = new Date("2026-01-01T00:01:00Z");

const view = podView({
  init: { war: [{ code: 0 }] },
  app: { nginx: ["running"], debian: [{ code: 0 }] },
  sandbox: {
    ports: [{ protocol: "TCP", hostIP: "", hostPort: 8080, podIP: "10.77.0.2", containerPort: 80 }],
  },
  spec: {
    volumes: [{ name: "shared-data", hostPath: { path: "/data" } }],
    containers: [
      {
        name: "nginx",
        image: "nginx",
        ports: [{ containerPort: 80, hostPort: 8080 }],
        volumeMounts: [{ name: "shared-data", mountPath: "/usr/share/nginx/html", readOnly: true }],
        resources: { limits: { memory: "64Mi", cpu: "500m" } },
      },
      {
        name: "debian",
        image: "debian",
        command: ["/bin/sh"],
        args: ["-c", "echo Hello"],
        env: [
          { name: "A", value: "1" },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "S", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
        ],
      },
    ],
  },
});

const events: PodEvent[] = [
  {
    time: "2026-01-01T00:00:30Z",
    type: "Normal",
    reason: "Started",
    message: "Started container nginx",
    object: "spec.containers{nginx}",
  },
];

const text = describePod(view, events, now);

describe("describe", () => {
  it("begins with the pod", () => {
    expect(text).toMatch(
      /^Name: {13}web\nNamespace: {8}default\nPriority: {9}0\nService Account: {2}default\nNode: {13}<none>\nStart Time: {7}Thu, 01 Jan 2026 00:00:00 \+0000\n/,
    );
    expect(text).toMatch(/\nStatus: +Running\n/);
    expect(text).toMatch(/\nIP: +10\.77\.0\.2\nIPs:\n {2}IP: {12}10\.77\.0\.2\nUID: /);
  });

  it("shows a running container", () => {
    expect(text).toContain(`
  nginx:
    Container ID:   tspod://1f0e8a52-0000-4000-8000-000000000001/nginx/0
    PID:            200
    Image:          nginx
    Image ID:       sha256:1
    Port:           80/TCP
    Host Port:      8080/TCP
    State:          Running
      Started:      Thu, 01 Jan 2026 00:00:01 +0000
    Ready:          True
    Restart Count:  0
    Limits:
      cpu:        500m
      memory:     64Mi
    Environment:  <none>
    Mounts:
      /usr/share/nginx/html from shared-data (ro)
`);
  });

  it("shows an ended container", () => {
    expect(text).toContain(`
    Port:          <none>
    Host Port:     <none>
    Command:
      /bin/sh
    Args:
      -c
      echo Hello
    State:          Terminated
      Reason:       Completed
      Exit Code:    0
      Started:      Thu, 01 Jan 2026 00:00:01 +0000
      Finished:     Thu, 01 Jan 2026 00:00:05 +0000
    Ready:          False
    Restart Count:  0
    Environment:
      A:     1
      IP:    10.77.0.2 (v1:status.podIP)
      S:     <set to the key 'k' in secret 's'>  Optional: false
    Mounts:  <none>
`);
  });

  it("has init containers, conditions with reasons, volumes and events", () => {
    expect(text).toMatch(/\nInit Containers:\n {2}war:\n/);
    expect(text).toMatch(
      /\n {2}Ready +False {2}\(ContainersNotReady: containers with unready status: \[debian\]\)\n/,
    );
    expect(text).toContain(`
  shared-data:
    Type:          HostPath (bare host directory volume)
    Path:          /data
    HostPathType:  <none>
`);
    expect(text).toMatch(
      /\nNode-Selectors: +<none>\nTolerations: +<none>\nEvents:\n {2}Type {4}Reason {3}Age {3}From {3}Message\n/,
    );
    expect(text).toMatch(
      /\n {2}Normal {2}Started {2}30s {3}tspod {2}spec\.containers\{nginx\}: Started container nginx\n$/,
    );
    expect(describePod(view, [], now)).toMatch(/\nEvents: +<none>\n$/);
  });
});

describe("a pod's processes", () => {
  it("are the holder, which has the ports, and the containers", () => {
    expect(infraRows(view, now).map((row) => row.slice(1))).toEqual([
      ["<infra>", "100", "Running", "0", "59s", "0.0.0.0:8080->80/tcp"],
      ["war (init)", "<none>", "Completed", "0", "59s", ""],
      ["nginx", "200", "Running", "0", "59s", ""],
      ["debian", "<none>", "Completed", "0", "59s", ""],
    ]);
  });

  it("stand in inspect too", () => {
    expect(inspection(view)).toMatchObject({
      kind: "Pod",
      status: {
        phase: "Running",
        infra: {
          pid: 100,
          startTime: "1",
          alive: true,
          phase: "ready",
          namespaces: { net: "net:[1]" },
          cgroup: "/cg",
        },
        containerStatuses: [
          { name: "nginx", pid: 200, monitorPid: 199, cgroup: "/cg/c" },
          { name: "debian" },
        ],
      },
    });
    const statuses = (inspection(view) as { status: { containerStatuses: object[] } }).status
      .containerStatuses;
    expect(statuses[1]).not.toHaveProperty("pid");
  });
});

describe("a layout", () => {
  it("aligns the values of one level and indents what is beneath", () => {
    expect(
      layout([
        ["A", "1"],
        ["Long label", "2\n3"],
        ["Group", [["X", ""]]],
      ]),
    ).toBe("A:           1\nLong label:  2\n             3\nGroup:\n  X:\n");
  });
});

describe("a table", () => {
  it("has three spaces between columns, and keeps widths when asked to", () => {
    const widths: number[] = [];
    expect(
      table(
        [
          ["NAME", "X"],
          ["a-long-name", "1"],
        ],
        widths,
      ),
    ).toBe("NAME          X\na-long-name   1\n");
    expect(table([["a", "2"]], widths)).toBe("a             2\n");
  });

  it("does not count colours, and makes columns at least six wide", () => {
    expect(table([["\u001b[31mab\u001b[39m", "c"]])).toBe("\u001b[31mab\u001b[39m    c\n");
  });
});
