import { conformance, type Proof } from "./proof.ts";

/** What a pod as a whole says. */
export const PODS: readonly Proof[] = [
  ["e2e/manifests.test.ts", "from files, folders and standard input", "ConfigMap apiVersion kind metadata"],
  [
    "e2e/manifests.test.ts",
    "prints the manifest as the API server would store it",
    "Pod apiVersion kind metadata spec",
    "ObjectFieldSelector apiVersion",
    "PodOS name",
  ],
  ["e2e/manifests.test.ts", "is a pod of another machine, but not one of this", "PodSpec nodeName"],
  [
    "e2e/manifests-broken.test.ts",
    "broken manifests are refused with every problem's place, code, field and way out",
    "PodSpec os ephemeralContainers",
  ],
  ["e2e/debug.test.ts", "adds a container to a running pod", "PodSpec ephemeralContainers"],
  [
    "e2e/gates.test.ts",
    "waits until the last of them is taken away, and starts then as any other",
    "PodSpec schedulingGates",
    "PodSchedulingGate name",
  ],
  ["unit/cgroup/formulas.test.ts", "adds overhead to requests", "PodSpec overhead"],
  ...conformance("init", ["init-01", "PodSpec initContainers"]),
  ...conformance(
    "names",
    ["name-01", "PodSpec hostname"],
    ["name-02", "PodSpec subdomain"],
    ["name-03", "PodSpec setHostnameAsFQDN"],
    ["name-04", "PodSpec hostnameOverride"],
    ["name-07", "PodSpec hostAliases", "HostAlias ip hostnames"],
    ["name-08", "PodSpec dnsPolicy dnsConfig", "PodDNSConfig *", "PodDNSConfigOption *"],
  ),
  ...conformance(
    "status",
    ["status-01", "PodSpec containers", "Container name image"],
    ["status-14", "ObjectMeta name"],
    ["status-15", "ObjectMeta generateName"],
  ),
  [
    "e2e/debug.test.ts",
    "adds a container to a running pod: its network, the target's processes and files, its volumes",
    "PodSpec ephemeralContainers",
    "EphemeralContainer targetContainerName",
  ],
];
