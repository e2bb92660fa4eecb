import { describe, expect, it } from "vitest";
import { describeWorkload } from "../../../src/cli/render/describe-workload.ts";
import type {
  CronJobObject,
  DaemonSetObject,
  JobObject,
  ReplicaSetObject,
  StatefulSetObject,
  WorkloadObject,
} from "../../../src/manifest/index.ts";
import { finite, lasting, START, workload } from "../workload/support.ts";

const phases = { Pending: 1, Running: 2, Succeeded: 0, Failed: 3 };
const now = new Date(START + 600_000);
const shown = (object: WorkloadObject, old: ReplicaSetObject[] = []) =>
  describeWorkload(object, { related: { phases, old }, events: [], now });
/** Without its pod template, which is the same for all. */
const frame = (object: WorkloadObject) => shown(object).replace(/^Pod Template:\n( .*\n)+/m, "TEMPLATE\n");
const PODS = "2 Running / 1 Waiting / 0 Succeeded / 3 Failed";

describe("describe, in kubectl's lines and order", () => {
  it("shows a StatefulSet", () => {
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    const updateStrategy = { rollingUpdate: { partition: 2 } };
    const spec = { ...lasting(), serviceName: "peers", updateStrategy, volumeClaimTemplates: [claim] };
    const text = frame(workload<StatefulSetObject>("StatefulSet", spec));
    expect(text.replace(/ {2}MaxUnavailable: .*\n/, "")).toBe(`Name:                   web
Namespace:              default
CreationTimestamp:      Thu, 01 Jan 2026 00:00:00 +0000
Selector:               app=web
Labels:                 <none>
Annotations:            <none>
Service Name:           peers
Pod Management Policy:  OrderedReady
Replicas:               1 desired | 0 total
Update Strategy:        RollingUpdate
  Partition:            2
Persistent Volume Claim Retention Policy:
  WhenDeleted:  Retain
  WhenScaled:   Retain
Pods Status:    ${PODS}
TEMPLATE
Volume Claims:
  Name:          data
  StorageClass:
  Labels:        <none>
  Annotations:   <none>
  Capacity:      1Gi
  Access Modes:  [ReadWriteOnce]
Events:  <none>
`);
  });

  it("shows a DaemonSet", () => {
    expect(frame(workload<DaemonSetObject>("DaemonSet", lasting()))).toBe(`Name:           web
Namespace:      default
Selector:       app=web
Node-Selector:  <none>
Labels:         <none>
Annotations:    <none>
Desired Number of Nodes Scheduled: 0
Current Number of Nodes Scheduled: 0
Number of Nodes Scheduled with Up-to-date Pods: 0
Number of Nodes Scheduled with Available Pods: 0
Number of Nodes Misscheduled: 0
Pods Status:  ${PODS}
TEMPLATE
Events:  <none>
`);
  });

  it("shows a Job", () => {
    const completedIndexes = Array.from({ length: 40 }, (_, i) => i * 2).join(",");
    const job: JobObject = {
      ...workload<JobObject>("Job", {
        ...finite,
        completions: 100,
        completionMode: "Indexed",
        ttlSecondsAfterFinished: 60,
        activeDeadlineSeconds: 100,
      }),
      status: {
        startTime: "2026-01-01T00:00:00Z",
        completionTime: "2026-01-01T00:01:30Z",
        ready: 1,
        active: 2,
        succeeded: 40,
        completedIndexes,
      },
    };
    expect(frame(job)).toContain(
      `Parallelism:                 1
Completions:                 100
Completion Mode:             Indexed
Suspend:                     false
Backoff Limit:               6
TTL Seconds After Finished:  60
Start Time:                  Thu, 01 Jan 2026 00:00:00 +0000
Completed At:                Thu, 01 Jan 2026 00:01:30 +0000
Duration:                    90s
Active Deadline Seconds:     100s
Pods Statuses:               2 Active (1 Ready) / 40 Succeeded / 0 Failed
Completed Indexes:           0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,...
TEMPLATE
Events:  <none>
`,
    );
  });

  it("shows a CronJob", () => {
    const cron = workload<CronJobObject>("CronJob", {
      schedule: "*/5 * * * *",
      startingDeadlineSeconds: 30,
      jobTemplate: { spec: { ...finite, completions: 2 } },
    });
    const text = frame({ ...cron, status: { active: [{ name: "web-1" }, { name: "web-2" }] } });
    expect(text).toContain(`Schedule:                      */5 * * * *
Concurrency Policy:            Allow
Suspend:                       False
Time Zone:                     <unset>
Successful Job History Limit:  3
Failed Job History Limit:      1
Starting Deadline Seconds:     30s
Selector:                      <unset>
Parallelism:                   <unset>
Completions:                   2
TEMPLATE
Last Schedule Time:  <unset>
Active Jobs:         web-1, web-2
Events:  <none>
`);
  });
});
