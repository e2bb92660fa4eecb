import { defaultPodResources } from "./default-resources.ts";
import type { Container, LifecycleHandler, PodSpec, Probe, Volume } from "./gen/types.ts";
import type { PodObject } from "./object.ts";
import { formatQuantity, parseQuantity, roundUpToMilli } from "./quantity.ts";

/**
 * Fills what the API server fills when a Pod is created (pkg/apis/core/v1/defaults.go). Pure: the argument is left
 * alone.
 */
export function applyDefaults<P extends Pick<PodObject, "spec">>(pod: P): P {
  const copy = structuredClone(pod);
  defaultPodSpec(copy.spec);
  defaultPod(copy.spec);
  return copy;
}

/**
 * Fills what the API server fills in the spec of a template: what only a Pod gets, it gets when it is made of it
 * (SetDefaults_PodSpec without SetDefaults_Pod). Pure.
 */
export function applyTemplateDefaults(spec: PodSpec): PodSpec {
  const copy = structuredClone(spec);
  defaultPodSpec(copy);
  return copy;
}

function defaultPod(spec: PodSpec): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  // A limit without a request is its own request.
  for (const { resources } of containers)
    if (resources?.limits !== undefined) resources.requests = { ...resources.limits, ...resources.requests };
  if (spec.resources !== undefined) defaultPodResources(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork === true)
    for (const { ports } of containers) for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

function defaultPodSpec(spec: PodSpec): void {
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])])
    defaultContainer(container);
  roundUp(spec.resources?.limits);
  roundUp(spec.resources?.requests);
  roundUp(spec.overhead);
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= "default-scheduler";
  if (spec.serviceAccountName ?? spec.serviceAccount) {
    spec.serviceAccountName ||= spec.serviceAccount as string;
    spec.serviceAccount = spec.serviceAccountName;
  }
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const { valueFrom } of container.env ?? [])
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= "v1";
  for (const { valueFrom } of container.env ?? [])
    if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ||= "0";
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    if (probe !== undefined) defaultProbe(probe);
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (hook !== undefined) defaultHandler(hook);
  container.resources ??= {};
  roundUp(container.resources.limits);
  roundUp(container.resources.requests);
}

/** Amounts are kept in thousandths at the finest (SetDefaults_ResourceList). */
function roundUp(list: Record<string, string> | undefined): void {
  for (const [name, text] of Object.entries(list ?? {}))
    if (list) list[name] = formatQuantity(roundUpToMilli(parseQuantity(text)));
}

/** `Always` for the tag latest, also where neither tag nor digest is written; `IfNotPresent` for all others. */
export function pullPolicyOf(image: string): "Always" | "IfNotPresent" {
  const [name = "", digest] = image.split("@");
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return (tag ?? (digest === undefined ? "latest" : "")) === "latest" ? "Always" : "IfNotPresent";
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.grpc !== undefined) probe.grpc.service ??= "";
  defaultHandler(probe);
}

function defaultHandler({ httpGet }: Pick<LifecycleHandler, "httpGet">): void {
  if (httpGet === undefined) return;
  httpGet.path ||= "/";
  httpGet.scheme ||= "HTTP";
}

/** Permissions of files in configMap, secret and similar volumes: 0644. */
const FILE_MODE = 0o644;

function defaultVolume(volume: Volume): void {
  // A volume that names no kind is an emptyDir: the API's oldest default.
  if (Object.keys(volume).every((key) => key === "name")) volume.emptyDir = {};
  if (volume.hostPath) volume.hostPath.type ??= "";
  for (const source of [volume.configMap, volume.secret, volume.downwardAPI, volume.projected])
    if (source !== undefined) source.defaultMode ??= FILE_MODE;
  const files = [
    ...(volume.downwardAPI?.items ?? []),
    ...(volume.projected?.sources ?? []).flatMap(({ downwardAPI }) => downwardAPI?.items ?? []),
  ];
  for (const { fieldRef, resourceFieldRef } of files) {
    if (fieldRef) fieldRef.apiVersion ||= "v1";
    if (resourceFieldRef) resourceFieldRef.divisor ||= "0";
  }
  for (const { serviceAccountToken } of volume.projected?.sources ?? [])
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
  if (volume.image) volume.image.pullPolicy ||= pullPolicyOf(volume.image.reference ?? "");
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) claim.volumeMode ||= "Filesystem";
}
