import type { ConfigMap, PersistentVolumeClaim, Pod, Secret } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { type PodRecord, SCHEMA } from "../state/record.ts";
import { appliedNames } from "./applied-names.ts";
import { withStored } from "./objects.ts";

/** What a pod is made of. */
export interface PodRequest {
  /** Validated, with defaults. */
  pod: Pod;
  configMaps: ConfigMap[];
  secrets: Secret[];
  claims?: PersistentVolumeClaim[];
  /** The manifest's file, for messages. */
  source: string;
  /** The pod ends with this command. */
  foreground: boolean;
}

/**
 * The record of a pod that is to be made, or only explained, now; objects it names come from the store where the
 * files lack them.
 */
export function newRecord(host: Host, uid: string, request: PodRequest): PodRecord {
  const { pod, source, foreground } = request;
  return {
    schema: SCHEMA,
    uid,
    name: pod.metadata?.name ?? "",
    namespace: pod.metadata?.namespace ?? "default",
    createdAt: host.now().toISOString(),
    pod,
    ...withStored(host.paths, pod, request),
    source,
    foreground,
    applied: appliedNames(pod),
    bootId: host.facts().bootId,
    nodeName: host.facts().nodeName,
  };
}
