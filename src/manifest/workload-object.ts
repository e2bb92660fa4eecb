import type {
  CronJob,
  CronJobSpec,
  DaemonSet,
  DaemonSetSpec,
  Deployment,
  DeploymentSpec,
  Job,
  JobSpec,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
  ReplicaSetSpec,
  Service,
  ServiceSpec,
  StatefulSet,
  StatefulSetSpec,
} from "./gen/types.ts";
import type { NamedMeta } from "./object.ts";

/** A template that passed the parser. */
export interface PodTemplate extends PodTemplateSpec {
  spec: PodSpec;
}

type Templated<S> = Omit<S, "template"> & { template: PodTemplate };

/** Objects of the kinds that make pods; all of them passed the parser. `applyWorkloadDefaults` fills the rest. */
export interface DeploymentObject extends Deployment {
  apiVersion: "apps/v1";
  kind: "Deployment";
  metadata: NamedMeta;
  spec: Templated<DeploymentSpec>;
}

export interface ReplicaSetObject extends ReplicaSet {
  apiVersion: "apps/v1";
  kind: "ReplicaSet";
  metadata: NamedMeta;
  spec: Templated<ReplicaSetSpec>;
}

export interface StatefulSetObject extends StatefulSet {
  apiVersion: "apps/v1";
  kind: "StatefulSet";
  metadata: NamedMeta;
  spec: Templated<StatefulSetSpec>;
}

export interface DaemonSetObject extends DaemonSet {
  apiVersion: "apps/v1";
  kind: "DaemonSet";
  metadata: NamedMeta;
  spec: Templated<DaemonSetSpec>;
}

export interface JobObject extends Job {
  apiVersion: "batch/v1";
  kind: "Job";
  metadata: NamedMeta;
  spec: Templated<JobSpec>;
}

export interface CronJobObject extends CronJob {
  apiVersion: "batch/v1";
  kind: "CronJob";
  metadata: NamedMeta;
  spec: Omit<CronJobSpec, "jobTemplate"> & {
    jobTemplate: { metadata?: CronJobSpec["jobTemplate"]["metadata"]; spec: Templated<JobSpec> };
  };
}

export interface ServiceObject extends Service {
  apiVersion: "v1";
  kind: "Service";
  metadata: NamedMeta;
  spec: ServiceSpec;
}

export type WorkloadObject =
  | DeploymentObject
  | ReplicaSetObject
  | StatefulSetObject
  | DaemonSetObject
  | JobObject
  | CronJobObject;

export type WorkloadKind = WorkloadObject["kind"];

/** In the order in which kubectl lists them. */
export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  "DaemonSet",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "CronJob",
  "Job",
];

export const isWorkload = (object: { kind?: string }): object is WorkloadObject =>
  (WORKLOAD_KINDS as readonly (string | undefined)[]).includes(object.kind);
