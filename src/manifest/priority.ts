/**
 * What a field of the API means on one machine. `must` and `should` are honoured, or listed in not-yet.ts while a
 * version cannot do so; `later` fields are named as such; `warn` fields are accepted, with one line that says they
 * do nothing here; `reject` fields are refused before anything is created. Fields that are not listed are `must`.
 */
export type Priority = "must" | "should" | "later" | "warn" | "reject";

export interface FieldPriority {
  priority: Exclude<Priority, "must">;
  /** Why it is ignored (warn) or refused (reject). */
  reason?: string;
  /** What to do in its place. */
  instead?: string;
  /** Values that change nothing here: no line is printed for them. */
  quiet?: (value: unknown) => boolean;
}

const noSelinux = "tspod sets no SELinux labels";
const noScheduler = "there is one node and no scheduler";
const noTokens = "there is no API server that issues tokens";
const windows = "it is for Windows; tspod runs Linux containers";
const cloud = "it needs a cloud's or a storage vendor's driver";
const oneStorage = "there is one kind of storage, a folder of this machine";
const mountFirst = "mount it on the host and use a hostPath volume";

const warn = (reason: string, ...quiet: unknown[]): FieldPriority => ({
  priority: "warn",
  reason,
  ...(quiet.length === 0 ? {} : { quiet: (value) => quiet.includes(value) }),
});
const reject = (reason: string, instead: string): FieldPriority => ({ priority: "reject", reason, instead });
const driver = (instead = mountFirst): FieldPriority => reject(cloud, instead);
const should: FieldPriority = { priority: "should" };
const later: FieldPriority = { priority: "later" };

/** Tolerations of a node's own troubles, which admission controllers add by themselves. */
const onlyDefaultTolerations = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => /^node\.kubernetes\.io\//.test(String(item?.key)));

/** By `Type.field` of the API. */
export const PRIORITIES: Readonly<Record<string, FieldPriority>> = {
  "ObjectMeta.finalizers": warn("no controller runs that would act on it"),
  "ObjectMeta.deletionTimestamp": warn("the object is created anew"),
  "ObjectMeta.generateName": should,

  "JobSpec.managedBy": {
    ...reject("no other controller runs here", "remove it"),
    quiet: (value) => value === "kubernetes.io/job-controller",
  },
  "JobSpec.successPolicy": should,

  "PodSpec.ephemeralContainers": should,
  "PodSpec.activeDeadlineSeconds": should,
  "PodSpec.nodeSelector": warn(noScheduler),
  "PodSpec.serviceAccountName": warn(noTokens, "default", ""),
  "PodSpec.serviceAccount": warn(noTokens, "default", ""),
  "PodSpec.automountServiceAccountToken": warn(noTokens, false),
  "PodSpec.nodeName": should,
  "PodSpec.imagePullSecrets": should,
  "PodSpec.subdomain": should,
  "PodSpec.affinity": warn(noScheduler),
  "PodSpec.schedulerName": warn(noScheduler, "default-scheduler", ""),
  "PodSpec.tolerations": { priority: "warn", reason: noScheduler, quiet: onlyDefaultTolerations },
  "PodSpec.priorityClassName": warn(noScheduler, ""),
  "PodSpec.priority": warn(noScheduler, 0),
  "PodSpec.preemptionPolicy": warn(noScheduler, "PreemptLowerPriority"),
  "PodSpec.topologySpreadConstraints": warn(noScheduler),
  "PodSpec.schedulingGroup": warn(noScheduler),
  "PodSpec.readinessGates": later,
  "PodSpec.runtimeClassName": {
    ...reject("there is one runtime, tspod itself", 'remove it, or write "tspod"'),
    quiet: (value) => value === "" || value === "tspod",
  },
  "PodSpec.enableServiceLinks": { ...later, reason: "no Service is served, so there is none to tell of" },
  "PodSpec.overhead": should,
  "PodSpec.setHostnameAsFQDN": should,
  "PodSpec.hostnameOverride": should,
  "PodSpec.hostUsers": should,
  "PodSpec.schedulingGates": should,
  "PodSpec.resourceClaims": reject(
    "dynamic resource allocation needs a cluster",
    "pass the device with hostPath",
  ),

  "PersistentVolumeClaimSpec.dataSource": reject(
    "nothing here can copy a volume or restore a snapshot",
    "fill the claim with an init container",
  ),
  "PersistentVolumeClaimSpec.dataSourceRef": reject(
    "nothing here can copy a volume or restore a snapshot",
    "fill the claim with an init container",
  ),
  "PersistentVolumeClaimSpec.selector": warn(oneStorage),
  "PersistentVolumeClaimSpec.storageClassName": warn(oneStorage, ""),
  "PersistentVolumeClaimSpec.volumeAttributesClassName": warn(oneStorage, ""),
  "PersistentVolumeClaimSpec.volumeName": warn("a claim gets a folder of its own", ""),

  "PodSecurityContext.seLinuxOptions": warn(noSelinux),
  "VolumeResourceRequirements.limits": warn("a claim is a folder: how much is in it is not limited"),

  "PodSecurityContext.seLinuxChangePolicy": warn("volumes are not relabelled", "Recursive"),
  "PodSecurityContext.supplementalGroupsPolicy": should,
  "PodSecurityContext.fsGroupChangePolicy": should,
  "PodSecurityContext.appArmorProfile": should,
  "PodSecurityContext.windowsOptions": reject(windows, "remove it"),
  "SecurityContext.seLinuxOptions": warn(noSelinux),
  "SecurityContext.appArmorProfile": should,
  "SecurityContext.procMount": should,
  "SecurityContext.windowsOptions": reject(windows, "remove it"),

  "Container.resizePolicy": should,
  "Container.restartPolicyRules": should,
  "Container.volumeDevices": later,
  "Container.terminationMessagePath": should,
  "Container.terminationMessagePolicy": should,
  "Container.stdin": should,
  "Container.stdinOnce": later,
  "Container.tty": should,
  "EnvVarSource.fileKeyRef": should,
  "ResourceRequirements.claims": reject(
    "dynamic resource allocation needs a cluster",
    "pass the device with hostPath",
  ),
  "Probe.grpc": should,
  "Probe.terminationGracePeriodSeconds": should,
  "Lifecycle.stopSignal": should,
  "LifecycleHandler.httpGet": should,
  "LifecycleHandler.tcpSocket": reject(
    "a kubelet fails it when it runs: nothing is sent",
    "use exec or httpGet",
  ),
  "VolumeMount.recursiveReadOnly": should,
  "VolumeMount.mountPropagation": should,

  "Volume.ephemeral": should,
  "Volume.image": should,
  "Volume.nfs": later,
  "Volume.csi": driver(),
  "Volume.iscsi": driver("log in with iscsiadm on the host, mount the disk and use a hostPath volume"),
  "Volume.fc": driver(),
  "Volume.gitRepo": reject(
    "Kubernetes removed it (1.36): it ran git as root",
    "use an emptyDir and an init container with git",
  ),
  "Volume.gcePersistentDisk": driver(),
  "Volume.awsElasticBlockStore": driver(),
  "Volume.azureDisk": driver(),
  "Volume.azureFile": driver(),
  "Volume.cinder": driver(),
  "Volume.vsphereVolume": driver(),
  "Volume.portworxVolume": driver(),
  "Volume.flexVolume": driver(),
  "Volume.glusterfs": driver(),
  "Volume.rbd": driver(),
  "Volume.cephfs": driver(),
  "Volume.flocker": driver(),
  "Volume.quobyte": driver(),
  "Volume.photonPersistentDisk": driver(),
  "Volume.scaleIO": driver(),
  "Volume.storageos": driver(),
  "VolumeProjection.serviceAccountToken": warn(noTokens),
  "VolumeProjection.clusterTrustBundle": reject("it needs a cluster", "put the certificates in a configMap"),
  "VolumeProjection.podCertificate": reject(
    "it needs a cluster that signs certificates",
    "put the certificate in a secret",
  ),
};

export const priorityOf = (owner: string, field: string): Priority =>
  PRIORITIES[`${owner}.${field}`]?.priority ?? "must";
