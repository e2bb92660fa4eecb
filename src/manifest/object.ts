import type { SourcePosition } from "../errors/tspod-error.ts";
import type { ConfigMap, ObjectMeta, PersistentVolumeClaim, Pod, PodSpec, Secret } from "./gen/types.ts";
import type { ServiceObject, WorkloadObject } from "./workload-object.ts";

/** Metadata of an object that passed the parser: named, in a namespace ("default" if it said none). */
export interface NamedMeta extends ObjectMeta {
  name: string;
  namespace: string;
}

/** A Pod that passed the parser. `applyDefaults` fills what the API server fills. */
export interface PodObject extends Pod {
  apiVersion: "v1";
  kind: "Pod";
  metadata: NamedMeta;
  spec: PodSpec;
}

export interface ConfigMapObject extends ConfigMap {
  apiVersion: "v1";
  kind: "ConfigMap";
  metadata: NamedMeta;
}

/** A Secret that passed the parser; `stringData` is already merged into `data` (base64), as the API server does. */
export interface SecretObject extends Secret {
  apiVersion: "v1";
  kind: "Secret";
  metadata: NamedMeta;
}

export interface PersistentVolumeClaimObject extends PersistentVolumeClaim {
  apiVersion: "v1";
  kind: "PersistentVolumeClaim";
  metadata: NamedMeta;
}

/** Where an object's fields stand in its file. */
export interface ObjectSource {
  file: string;
  /**
   * The position of a field's value (`spec.containers[0].ports[0].hostPort`); of the nearest parent that is there
   * otherwise.
   */
  position(path: string): SourcePosition;
}

/** One object of a manifest, told apart by `kind`. */
export type ManifestObject =
  | { kind: "Pod"; object: PodObject; source: ObjectSource }
  | { kind: "ConfigMap"; object: ConfigMapObject; source: ObjectSource }
  | { kind: "Secret"; object: SecretObject; source: ObjectSource }
  | { kind: "PersistentVolumeClaim"; object: PersistentVolumeClaimObject; source: ObjectSource }
  | { kind: "Service"; object: ServiceObject; source: ObjectSource }
  | OfWorkload<WorkloadObject>;

/** One member for each kind, so that `kind` tells the object's type. */
type OfWorkload<W extends WorkloadObject> = W extends WorkloadObject
  ? { kind: W["kind"]; object: W; source: ObjectSource }
  : never;
