import type { Container, Pod, PodSpec } from "../../../src/manifest/index.ts";
import { pod } from "../../e2e/support/pods.ts";

type Probe = NonNullable<Container["livenessProbe"]>;

/** The volume that all containers of a test's pod may note things in. */
export const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };

/** A probe that runs a script, in quick succession. */
export const execProbe = (script: string, more: Partial<Probe> = {}): Probe => ({
  exec: { command: ["sh", "-c", script] },
  periodSeconds: 4,
  timeoutSeconds: 600,
  ...more,
});

/** A pod that restarts its containers, with the volume. */
export const probedPod = (name: string, containers: Container[], spec: Partial<PodSpec> = {}): Pod =>
  pod(name, containers, { restartPolicy: "Always", volumes: [{ name: "v", emptyDir: {} }], ...spec });

/** How many lines a text has. */
export const lines = (text: string) => text.split("\n").filter((line) => line !== "").length;
