import type { Container } from "../manifest/index.ts";
import type { ContainerKind, PodRecord } from "../state/record.ts";

/** What the manifest says of a container now; undefined for an ephemeral one, which has no such fields. */
export function containerSpec(
  { pod }: Pick<PodRecord, "pod">,
  { kind, name }: { kind: ContainerKind; name: string },
): Container | undefined {
  const list = kind === "init" ? pod.spec?.initContainers : pod.spec?.containers;
  return kind === "ephemeral" ? undefined : list?.find((one) => one.name === name);
}
