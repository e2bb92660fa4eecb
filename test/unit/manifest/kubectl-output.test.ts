import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "./support.ts";

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
