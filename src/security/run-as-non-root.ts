import { TspodError } from "../errors/tspod-error.ts";
import type { Container, Pod } from "../manifest/index.ts";

/**
 * The kubelet's check of `runAsNonRoot`, in its words: what it cannot prove it refuses, so an image with a
 * named user needs `runAsUser`. Throws TS5202; the container's reason is then CreateContainerConfigError.
 */
export function verifyRunAsNonRoot(pod: Pod, container: Container, imageUser: string): void {
  const context = { ...pod.spec?.securityContext, ...definedOf(container.securityContext) };
  if (context.runAsNonRoot !== true) return;
  const name = pod.metadata?.name ?? "";
  const full = `${name}_${pod.metadata?.namespace ?? "default"}(${pod.metadata?.uid ?? ""})`;
  const where = `(pod: ${JSON.stringify(full)}, container: ${container.name})`;
  if (context.runAsUser !== undefined) {
    if (context.runAsUser === 0) throw refused(`container's runAsUser breaks non-root policy ${where}`);
    return;
  }
  const user = imageUser.split(":")[0] ?? "";
  if (user === "" || /^0+$/.test(user)) {
    throw refused(`container has runAsNonRoot and image will run as root ${where}`);
  }
  if (!/^\d+$/.test(user)) {
    throw refused(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${where}`,
    );
  }
}

function definedOf<T extends object>(object: T | undefined): Partial<T> {
  const entries = Object.entries(object ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function refused(message: string): TspodError {
  return new TspodError({
    code: "TS5202",
    message,
    hint: "set securityContext.runAsUser to a number other than 0",
  });
}
