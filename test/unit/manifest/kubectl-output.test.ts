import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, pod } from "./support.ts";

const output = readFileSync(join(import.meta.dirname, "fixtures/kubectl-get-pod.yaml"), "utf8");

describe("the output of kubectl get pod -o yaml", () => {
  it("is accepted, and what the cluster added is named", () => {
    const { problems, warnings } = parse(output);
    expect(problems).toEqual([]);
    expect(warnings.filter(({ code }) => code !== "TS2007").map(({ message }) => message)).toEqual([
      'spec.nodeName: left out: "worker-1" is the node it ran on',
      'spec.volumes[1]: left out: volume "kube-api-access-x7k2p" and its mounts are a cluster\'s own access token',
    ]);
  });

  it("loses status, the server's metadata, the node and the token", () => {
    const [object] = parse(output).objects;
    expect(object?.object.metadata).toEqual({
      name: "web",
      namespace: "shop",
      labels: { app: "web" },
      annotations: { note: "x" },
    });
    expect(object?.object).not.toHaveProperty("status");
    expect(object?.object).toMatchObject({
      spec: {
        volumes: [{ name: "settings", configMap: { name: "settings", defaultMode: 420 } }],
        containers: [{ volumeMounts: [{ name: "settings", mountPath: "/etc/web" }] }],
      },
    });
    expect(object?.object).not.toHaveProperty("spec.nodeName");
  });
});

describe("the output of kubectl get for other kinds", () => {
  const labels = "{app: pi, controller-uid: 0d, batch.kubernetes.io/controller-uid: 0d, job-name: pi}";
  const job = (spec: string) =>
    `apiVersion: batch/v1
kind: Job
metadata: {name: pi, uid: 0d, resourceVersion: "5", labels: {job-name: pi}}
spec:
  ${spec}
  selector: {matchLabels: {batch.kubernetes.io/controller-uid: 0d}}
  template:
    metadata: {creationTimestamp: null, labels: ${labels}}
    spec: {containers: [{name: pi, image: perl}], restartPolicy: Never}
`;

  it("gives a Job that selects its pods anew", () => {
    const { objects, problems, warnings } = parse(job("manualSelector: false"));
    expect([problems, warnings.map(({ code, path }) => `${code} ${path}`)]).toEqual([
      [],
      ["TS2010 spec.selector"],
    ]);
    expect(objects[0]?.object).not.toHaveProperty("spec.selector");
    expect(objects[0]?.object).toMatchObject({ spec: { template: { metadata: { labels: { app: "pi" } } } } });
    expect(objects[0]?.object).not.toHaveProperty("metadata.labels");
  });

  it("leaves a Job the selector that somebody chose", () => {
    const { objects, warnings } = parse(job("manualSelector: true"));
    expect(warnings).toEqual([]);
    expect(objects[0]?.object).toHaveProperty("spec.selector.matchLabels");
  });

  it("a selector of one's own in a new Job is refused", () => {
    const { problems } = parse(job("suspend: false").replace('uid: 0d, resourceVersion: "5", ', ""));
    expect(problems.map(({ path }) => path)).toEqual(["spec.selector"]);
  });

  it("says nothing of the tolerations that every pod of a cluster has", () => {
    const spec =
      "tolerations: [{key: node.kubernetes.io/memory-pressure, operator: Exists, effect: NoSchedule}]";
    expect(parse(pod({ spec })).warnings).toEqual([]);
    expect(parse(pod({ spec: spec.replace("node.kubernetes.io/", "my/") })).warnings).toHaveLength(1);
  });
});
