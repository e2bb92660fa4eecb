import type { Container, PodSpec } from "../../manifest/index.ts";
import type { AttemptView } from "../view.ts";

/** A sidecar: an init container that is started before the others and runs beside them (KEP-753). */
export function isSidecar(container: Container | undefined, kind: "init" | "app"): boolean {
  return kind === "init" && container?.restartPolicy === "Always";
}

/** What is to follow the end of a container with this code. */
export type AfterExit = "restart" | "restart-all" | "stay";

/**
 * Whether a container that ended so is started again. An init container under `Always` counts as `OnFailure`: it is
 * over when it succeeds. Rules of a container come before its own policy, and that before the pod's (KEP-5307,
 * KEP-5532).
 */
export function afterExit(
  spec: PodSpec,
  container: Container,
  kind: "init" | "app",
  exitCode: number,
): AfterExit {
  if (isSidecar(container, kind)) return "restart";
  const rule = (container.restartPolicyRules ?? []).find(({ exitCodes }) => {
    const named = (exitCodes?.values ?? []).includes(exitCode);
    return exitCodes?.operator === "NotIn" ? !named : named;
  });
  if (rule?.action === "RestartAllContainers") return "restart-all";
  if (rule) return "restart";
  const policy = container.restartPolicy ?? spec.restartPolicy ?? "Always";
  if (policy === "Never") return "stay";
  if (policy === "OnFailure" || kind === "init") return exitCode === 0 ? "stay" : "restart";
  return "restart";
}

/**
 * It was created, and whoever was to start it was killed before: nothing of the container has run, and no policy says
 * what follows.
 */
export function neverBegan({ record, exit, alive }: AttemptView): boolean {
  return !alive && !exit && !record.error && record.startedAt === undefined;
}
