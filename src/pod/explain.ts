import type { Container } from "../manifest/index.ts";
import type { HostOp } from "../plan/host-op.ts";
import type { PlannedImage } from "../plan/image-config.ts";
import { type ContainerPlan, planContainerOf, planSandboxOf } from "../plan/pod.ts";
import type { Host } from "../runtime/host.ts";
import { seccompOf } from "../runtime/seccomp.ts";
import { podPaths } from "../state/paths.ts";
import { ensureImages } from "./images.ts";
import { newRecord, type PodRequest } from "./new-record.ts";
import { podPlanInput, previewAddress } from "./plan-input.ts";

export interface ExplainedContainer {
  name: string;
  kind: "init" | "app";
  /** Everything up to the gate; then `container-exec`. */
  ops: HostOp[];
}

export interface ExplainedPod {
  sandbox: HostOp[];
  containers: ExplainedContainer[];
  /** All of it in order. */
  hostOps: HostOp[];
  warnings: string[];
}

/** The uid of a pod that does not exist yet. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** The very plan that `run` would carry out, for this host as it is now. Needs no root and changes nothing. */
export async function explainPod(host: Host, request: Omit<PodRequest, "foreground">): Promise<ExplainedPod> {
  const { pod } = request;
  const record = newRecord(host, NOBODY, { ...request, foreground: false });
  const { input, warnings } = podPlanInput(
    host,
    { record, paths: podPaths(host.paths, record) },
    previewAddress,
  );
  const sandbox = planSandboxOf(input);
  warnings.push(...sandbox.warnings);
  const containers: ExplainedContainer[] = [];
  for (const kind of ["init", "app"] as const) {
    for (const container of (kind === "init" ? input.spec.initContainers : input.spec.containers) ?? []) {
      const image = await imageOrStandIn(host, container, warnings);
      const plan: ContainerPlan = planContainerOf(input, {
        container,
        kind,
        attempt: 0,
        image,
        seccomp: seccompOf(host, pod, container),
      });
      warnings.push(...plan.warnings);
      containers.push({
        name: container.name,
        kind,
        ops: [...plan.ops, { op: "container-exec", name: container.name }],
      });
    }
  }
  return {
    sandbox: sandbox.ops,
    containers,
    hostOps: [...sandbox.ops, ...containers.flatMap(({ ops }) => ops)],
    warnings: [...new Set(warnings)],
  };
}

/** Without root the store may be out of reach, and nothing is pulled: then the plan says where its layers would be. */
async function imageOrStandIn(host: Host, container: Container, warnings: string[]): Promise<PlannedImage> {
  try {
    const images = await ensureImages(host, [{ ...container, imagePullPolicy: "Never" }]);
    return (images.get(container.name) as { planned: PlannedImage }).planned;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EACCES" ? "only root can read the image store" : message;
    warnings.push(
      `${why}: layers, user and command of image ${JSON.stringify(container.image)} are placeholders`,
    );
    return {
      ref: container.image ?? "",
      id: "",
      layers: [`${host.paths.lib}/layers/<${container.image}>`],
      config: { Entrypoint: ["<the image's entrypoint>"] },
      passwd: "",
      group: "",
    };
  }
}
