import { describe, expect, it } from "vitest";
import { applyWorkloadDefaults } from "../../../src/manifest/index.ts";
import type { ServiceObject } from "../../../src/manifest/workload-object.ts";
import { parse, problemsOf } from "./support.ts";
import { cron, expectProblems, FINITE, good, job, lasting, manifest, TEMPLATE } from "./workload-support.ts";

describe("a workload that says no more than it must", () => {
  it("gets a Deployment's defaults", () => {
    const { apiVersion, spec } = good(lasting("Deployment"));
    expect(apiVersion).toBe("apps/v1");
    expect(spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      template: { spec: { restartPolicy: "Always", containers: [{ imagePullPolicy: "Always" }] } },
    });
  });

  it("keeps the half of rollingUpdate that was given, and gives Recreate none", () => {
    const half = good(lasting("Deployment", "strategy: {rollingUpdate: {maxSurge: 0}}"));
    expect(half.spec).toMatchObject({
      strategy: { rollingUpdate: { maxUnavailable: "25%", maxSurge: 0 } },
    });
    expect(good(lasting("Deployment", "strategy: {type: Recreate}")).spec).toMatchObject({
      strategy: { type: "Recreate" },
    });
  });

  it("gets a ReplicaSet's number, and no labels: only a Job takes its pods'", () => {
    const set = good(lasting("ReplicaSet"));
    expect(set.spec).toMatchObject({ replicas: 1 });
    expect(set.metadata.labels).toBeUndefined();
    expect(
      good(job("", FINITE.replace("spec:", "metadata: {labels: {app: pi}}\n  spec:"))).metadata.labels,
    ).toEqual({
      app: "pi",
    });
  });

  it("gets in its template what a template gets, and not what only a Pod does", () => {
    const template = TEMPLATE.replace(
      "containers: [{name: a, image: busybox}]",
      "hostNetwork: true\n    containers: [{name: a, image: busybox, ports: [{containerPort: 80}], resources: {limits: {cpu: 0.0001}}}]",
    );
    expect(good(lasting("DaemonSet", "", template)).spec).toMatchObject({
      template: {
        spec: expect.toSatisfy((spec) => {
          expect(spec).toEqual({
            hostNetwork: true,
            containers: [
              {
                name: "a",
                image: "busybox",
                imagePullPolicy: "Always",
                ports: [{ containerPort: 80, protocol: "TCP" }],
                resources: { limits: { cpu: "1m" } },
                terminationMessagePath: "/dev/termination-log",
                terminationMessagePolicy: "File",
              },
            ],
            dnsPolicy: "ClusterFirst",
            restartPolicy: "Always",
            schedulerName: "default-scheduler",
            securityContext: {},
            terminationGracePeriodSeconds: 30,
          });
          return true;
        }),
      },
    });
  });

  it("gets no rollingUpdate beside a type that it named itself", () => {
    expect(good(lasting("StatefulSet", "updateStrategy: {type: RollingUpdate}")).spec).toMatchObject({
      updateStrategy: { type: "RollingUpdate" },
    });
    const { updateStrategy } = good(lasting("StatefulSet", "updateStrategy: {type: RollingUpdate}")).spec as {
      updateStrategy: object;
    };
    expect(updateStrategy).not.toHaveProperty("rollingUpdate");
  });

  it.each<[string, object]>([
    [
      "{ports: [{port: 80, name: a, targetPort: 0}, {port: 81, name: b, targetPort: ''}]}",
      { ports: [{ targetPort: 80 }, { targetPort: 81 }] },
    ],
    [
      "{ports: [{port: 80}]}",
      { type: "ClusterIP", sessionAffinity: "None", internalTrafficPolicy: "Cluster" },
    ],
    [
      "{ports: [{port: 80}], type: NodePort}",
      { externalTrafficPolicy: "Cluster", internalTrafficPolicy: "Cluster" },
    ],
    ["{ports: [{port: 80}], externalIPs: [192.0.2.1]}", { externalTrafficPolicy: "Cluster" }],
    ["{ports: [{port: 80}], type: LoadBalancer}", { allocateLoadBalancerNodePorts: true }],
    [
      "{ports: [{port: 80}], sessionAffinity: ClientIP}",
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } },
    ],
    [
      "{ports: [{port: 80}], sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}}",
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
    ],
  ])("a Service %s gets %o", (spec, expected) => {
    const { objects } = parse(`apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ${spec}\n`);
    expect(applyWorkloadDefaults(objects[0]?.object as ServiceObject).spec).toMatchObject(expected);
  });

  it("a Service gets nothing that its type has no use for", () => {
    const spec =
      "{type: ExternalName, externalName: example.com, sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}}";
    const { objects } = parse(`apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ${spec}\n`);
    expect(applyWorkloadDefaults(objects[0]?.object as ServiceObject).spec).toEqual({
      type: "ExternalName",
      externalName: "example.com",
      sessionAffinity: "None",
    });
  });

  it("gets a StatefulSet's defaults, and its claims theirs", () => {
    const claims = `volumeClaimTemplates:
- metadata: {name: data}
  spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}`;
    const mounting = TEMPLATE.replace(
      "image: busybox",
      "image: busybox, volumeMounts: [{name: data, mountPath: /data}]",
    );
    expect(good(lasting("StatefulSet", claims, mounting)).spec).toMatchObject({
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      volumeClaimTemplates: [
        { apiVersion: "v1", kind: "PersistentVolumeClaim", spec: { volumeMode: "Filesystem" } },
      ],
    });
  });

  it("gets a DaemonSet's and a Job's defaults", () => {
    expect(good(lasting("DaemonSet")).spec).toMatchObject({
      updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    });
    expect(good(job()).spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      podReplacementPolicy: "TerminatingOrFailed",
    });
    expect(good(job("parallelism: 2")).spec).not.toHaveProperty("completions");
  });

  it("gets a CronJob's defaults, and leaves those of its jobs to them", () => {
    const { spec } = good(cron('schedule: "*/5 * * * *"'));
    expect(spec).toMatchObject({
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    expect((spec as { jobTemplate: { spec: object } }).jobTemplate.spec).not.toHaveProperty("completions");
  });
});

describe("a workload is refused, in Kubernetes' words,", () => {
  const labels = 'Invalid value: {"app":"web"}: `selector` does not match template `labels`';
  it.each(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"])(
    "when the selector of a %s selects something else",
    (kind) => {
      const template = TEMPLATE.replace("labels: {", "▸labels: {");
      const text = manifest(kind, `selector: {matchLabels: {app: other}}\n${template}`);
      expectProblems(text, `TS3001 spec.template.metadata.labels: ${labels}`);
    },
  );

  it("without a selector or template", () => {
    expectProblems(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n▸▸spec: {}\n",
      "TS2003 spec.selector: Required value",
      "TS2003 spec.template: Required value",
    );
  });

  it("with an empty selector", () => {
    expectProblems(
      manifest("StatefulSet", `▸selector: {}\n${TEMPLATE}`),
      "TS3001 spec.selector: Invalid value: {}: empty selector is invalid for statefulset",
    );
  });

  it("for pods that a Deployment cannot keep running", () => {
    const template = TEMPLATE.replace("spec:", "spec:\n    restartPolicy: ▸Never");
    expectProblems(
      lasting("Deployment", "", template),
      'TS3003 spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    );
    const deadline = TEMPLATE.replace("spec:", "spec:\n    activeDeadlineSeconds: 5");
    expect(problemsOf(lasting("StatefulSet", "", deadline)).found.join("\n")).toContain(
      "TS3006 spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
    );
  });

  it("for a fault inside the template, named with its whole path", () => {
    const { marks, found } = problemsOf(lasting("Deployment", "", TEMPLATE.replace("name: a", "name: ▸A_b")));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      `${marks[0]} TS3001 spec.template.spec.containers[0].name: Invalid value: "A_b": a lowercase RFC 1123 label`,
    );
  });

  it.each([
    ["replicas: ▸-1", "TS3001 spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    [
      "strategy: {type: ▸Rolling}",
      'TS3003 spec.strategy.type: Unsupported value: "Rolling": supported values: "Recreate", "RollingUpdate"',
    ],
    [
      "strategy: {type: Recreate, ▸rollingUpdate: {maxSurge: 1}}",
      "TS3006 spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: ▸0}}",
      "TS3001 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
    ],
    [
      "strategy: {rollingUpdate: {maxUnavailable: ▸101%}}",
      'TS3001 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      "{minReadySeconds: 5, progressDeadlineSeconds: ▸5}".slice(1, -1).replace(", ", "\n"),
      "TS3001 spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds",
    ],
  ])("for a Deployment with %s", (spec, expected) => {
    expectProblems(lasting("Deployment", spec), expected);
  });

  it("for claims without a size, and mounts of claims that are not there", () => {
    const { found } = problemsOf(
      lasting(
        "StatefulSet",
        "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]",
        TEMPLATE.replace("image: busybox", "image: busybox, volumeMounts: [{name: date, mountPath: /d}]"),
      ),
    );
    expect(found.map((line) => line.split(" ").slice(1, 3).join(" ")).sort()).toEqual([
      "TS2003 spec.volumeClaimTemplates[0].spec.resources[storage]:",
      "TS3005 spec.template.spec.containers[0].volumeMounts[0].name:",
    ]);
  });
});

describe("what one machine cannot give", () => {
  it("is said of several pods with one host port", () => {
    const template = TEMPLATE.replace(
      "image: busybox",
      "image: b, ports: [{containerPort: 80, hostPort: 8080}]",
    );
    expectProblems(
      lasting("Deployment", "replicas: ▸2", template),
      "TS3013 spec.replicas: only one of 2 pods can have hostPort 8080 of this machine; the others will wait for it",
    );
    good(lasting("Deployment", "replicas: 1", template));
  });

  it("is said of a Service, once, and the Service is read", () => {
    const text = manifest(
      "Service",
      "selector: {app: web}\nports: [{port: 80}, {port: 81}]"
        .replace("{port: 81}", "{port: 81, name: b}")
        .replace("{port: 80}", "{port: 80, name: a}"),
    );
    const { objects, problems, warnings } = parse(text);
    expect(problems).toEqual([]);
    expect(warnings.map(({ code, path }) => `${code} ${path}`)).toEqual(["TS2007 spec"]);
    expect(applyWorkloadDefaults(objects[0]?.object as ServiceObject).spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ protocol: "TCP", targetPort: 80 }, { targetPort: 81 }],
    });
  });
});
