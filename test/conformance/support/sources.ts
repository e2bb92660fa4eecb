/** Where a behaviour is promised: a page of the Kubernetes documentation, or an enhancement proposal. */
export interface Source {
  title: string;
  url: string;
}

const page = (title: string, path: string): Source => ({ title, url: `https://kubernetes.io/docs/${path}/` });
const kep = (number: number, title: string, group = "sig-node"): Source => ({
  title: `KEP-${number}: ${title}`,
  url: `https://github.com/kubernetes/enhancements/tree/master/keps/${group}/${number}-${slug(title)}`,
});
const slug = (title: string) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/** `from.init`: read as "from the page on init containers". */
export const from = {
  affinity: page("Assigning Pods to Nodes", "concepts/scheduling-eviction/assign-pod-node"),
  annotations: page("Annotations", "concepts/overview/working-with-objects/annotations"),
  args: page(
    "Define a Command and Arguments for a Container",
    "tasks/inject-data-application/define-command-argument-container",
  ),
  configMap: page("ConfigMaps", "concepts/configuration/configmap"),
  configMapPod: page(
    "Configure a Pod to Use a ConfigMap",
    "tasks/configure-pod-container/configure-pod-configmap",
  ),
  containerSpec: page("Pod API: Container", "reference/kubernetes-api/workload-resources/pod-v1"),
  dependentEnv: page(
    "Define Dependent Environment Variables",
    "tasks/inject-data-application/define-interdependent-environment-variables",
  ),
  cronJobs: page("CronJob", "concepts/workloads/controllers/cron-jobs"),
  daemonSets: page("DaemonSet", "concepts/workloads/controllers/daemonset"),
  deployments: page("Deployments", "concepts/workloads/controllers/deployment"),
  determineFailure: page(
    "Determine the Reason for Pod Failure",
    "tasks/debug/debug-application/determine-reason-pod-failure",
  ),
  dns: page("DNS for Services and Pods", "concepts/services-networking/dns-pod-service"),
  downward: page("Downward API", "concepts/workloads/pods/downward-api"),
  downwardEnv: page(
    "Expose Pod Information to Containers Through Environment Variables",
    "tasks/inject-data-application/environment-variable-expose-pod-information",
  ),
  downwardFiles: page(
    "Expose Pod Information to Containers Through Files",
    "tasks/inject-data-application/downward-api-volume-expose-pod-information",
  ),
  env: page(
    "Define Environment Variables for a Container",
    "tasks/inject-data-application/define-environment-variable-container",
  ),
  ephemeral: page("Ephemeral Volumes", "concepts/storage/ephemeral-volumes"),
  garbage: page("Garbage Collection", "concepts/architecture/garbage-collection"),
  hooks: page("Container Lifecycle Hooks", "concepts/containers/container-lifecycle-hooks"),
  hookTask: page(
    "Attach Handlers to Container Lifecycle Events",
    "tasks/configure-pod-container/attach-handler-lifecycle-event",
  ),
  hostAliases: page(
    "Adding Entries to Pod /etc/hosts with HostAliases",
    "tasks/network/customize-hosts-file-for-pods",
  ),
  images: page("Images", "concepts/containers/images"),
  indexedJobs: page(
    "Indexed Job for Parallel Processing with Static Work Assignment",
    "tasks/job/indexed-parallel-processing-static",
  ),
  init: page("Init Containers", "concepts/workloads/pods/init-containers"),
  jobTtl: page("Automatic Cleanup for Finished Jobs", "concepts/workloads/controllers/ttlafterfinished"),
  jobs: page("Jobs", "concepts/workloads/controllers/job"),
  kernelSecurity: page(
    "Linux kernel security constraints for Pods and containers",
    "concepts/security/linux-kernel-security-constraints",
  ),
  lifecycle: page("Pod Lifecycle", "concepts/workloads/pods/pod-lifecycle"),
  memory: page(
    "Assign Memory Resources to Containers and Pods",
    "tasks/configure-pod-container/assign-memory-resource",
  ),
  names: page("Object Names and IDs", "concepts/overview/working-with-objects/names"),
  networking: page("Cluster Networking", "concepts/cluster-administration/networking"),
  pods: page("Pods", "concepts/workloads/pods"),
  probes: page(
    "Liveness, Readiness, and Startup Probes",
    "concepts/configuration/liveness-readiness-startup-probes",
  ),
  probeTask: page(
    "Configure Liveness, Readiness and Startup Probes",
    "tasks/configure-pod-container/configure-liveness-readiness-startup-probes",
  ),
  projected: page("Projected Volumes", "concepts/storage/projected-volumes"),
  pv: page("Persistent Volumes", "concepts/storage/persistent-volumes"),
  qos: page("Pod Quality of Service Classes", "concepts/workloads/pods/pod-qos"),
  resize: page(
    "Resize CPU and Memory Resources assigned to Containers",
    "tasks/configure-pod-container/resize-container-resources",
  ),
  resources: page(
    "Resource Management for Pods and Containers",
    "concepts/configuration/manage-resources-containers",
  ),
  seccomp: page("Restrict a Container's Syscalls with seccomp", "tutorials/security/seccomp"),
  secret: page("Secrets", "concepts/configuration/secret"),
  secretTask: page(
    "Distribute Credentials Securely Using Secrets",
    "tasks/inject-data-application/distribute-credentials-secure",
  ),
  security: page(
    "Configure a Security Context for a Pod or Container",
    "tasks/configure-pod-container/security-context",
  ),
  shareProcesses: page(
    "Share Process Namespace between Containers in a Pod",
    "tasks/configure-pod-container/share-process-namespace",
  ),
  sidecars: page("Sidecar Containers", "concepts/workloads/pods/sidecar-containers"),
  standards: page("Pod Security Standards", "concepts/security/pod-security-standards"),
  statefulSets: page("StatefulSets", "concepts/workloads/controllers/statefulset"),
  sysctls: page("Using sysctls in a Kubernetes Cluster", "tasks/administer-cluster/sysctl-cluster"),
  updates: page("Pods: Pod update and replacement", "concepts/workloads/pods"),
  volumes: page("Volumes", "concepts/storage/volumes"),
  crashLoop: kep(4603, "Tune CrashLoopBackoff"),
  envFiles: kep(3721, "Support for env files"),
  imageVolume: kep(4639, "OCI volume source"),
  podResources: kep(2837, "Pod level resource spec"),
  recursiveReadOnly: kep(3857, "rro mounts"),
  restartAll: kep(5532, "Restart all containers on container exits"),
  restartRules: kep(5307, "Container restart policy"),
  sidecarKep: kep(753, "Sidecar containers"),
  sleepHook: kep(3960, "Pod lifecycle sleep action"),
  stopSignals: kep(4960, "Container stop signals"),
  supplementalGroups: kep(3619, "Supplemental groups policy"),
  userNamespaces: kep(127, "User namespaces"),
} as const satisfies Record<string, Source>;
