import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

const MIXED = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec: {}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {a: b}
  containers: [{name: a, image: busybox, command: [sleep, "100"]}]
`;

it.each([["down"], ["delete", "-f"]])(
  "%s takes away what was started of a file, whatever else it names",
  async (...command) => {
    const file = join(tspod.dir, "mixed.yaml");
    writeFileSync(file, MIXED);
    await tspod.ok(["run", "-q", "-d", "--skip-unsupported", file]);
    const { code, stdout, stderr } = await tspod.run([...command, file]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'pod "web" deleted\n', stderr: "" });
  },
);
