import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { WorkloadObject } from "../../manifest/index.ts";
import { singular } from "../../manifest/resource.ts";
import { deleteWorkload, orphanWorkload, readWorkload, removeShared } from "../../workload/index.ts";
import type { Context } from "../context.ts";
import type { Pods } from "../pods.ts";
import { removeOne } from "../remove-pod.ts";

export interface DeleteFlags {
  ignoreNotFound?: boolean;
  /** KILL at once. */
  force?: boolean;
  /** Seconds. */
  gracePeriod?: number;
  /** kubectl's words; we always wait for the pods. */
  cascade?: "background" | "foreground" | "orphan";
}

/**
 * Removes a workload, then its pods; one that is killed meanwhile is finished by the daemon. Gives what is to be said;
 * undefined when it was not there.
 */
export async function deleteOne(
  context: Context,
  all: Pods,
  { kind, metadata }: Pick<WorkloadObject, "kind" | "metadata">,
  flags: DeleteFlags = {},
): Promise<string | undefined> {
  const { host, core } = all;
  let object: WorkloadObject;
  try {
    object = readWorkload(host, kind, metadata);
  } catch (error) {
    const missing = error instanceof TspodError && error.exitCode === ExitCode.notFound;
    if (missing && flags.ignoreNotFound) return undefined;
    throw error;
  }
  const said = `${singular(kind)} "${metadata.name}" deleted\n`;
  if (flags.cascade === "orphan") {
    await orphanWorkload(host, object);
    return said;
  }
  const { pods, claims } = deleteWorkload(host, object);
  await Promise.all(pods.map((view) => removeOne(context, all, view, flags, removeShared)));
  for (const name of claims)
    core.deleteObject(host, "PersistentVolumeClaim", { namespace: metadata.namespace, name });
  return said;
}
