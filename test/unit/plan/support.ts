import type { Pod, PodSpec } from "../../../src/manifest/index.ts";
import type { Network } from "../../../src/net/index.ts";
import type { PlannedImage } from "../../../src/plan/image-config.ts";
import type { PodPlanInput } from "../../../src/plan/pod.ts";
import type { MountFacts, VolumesInput } from "../../../src/plan/volumes.ts";
import { unlimited } from "../../../src/security/index.ts";
import { attemptPaths, pathsFor, podPaths } from "../../../src/state/paths.ts";

export const standInImage: PlannedImage = {
  ref: "busybox",
  id: "sha256:0",
  layers: ["/layers/top", "/layers/bottom"],
  config: { Env: ["PATH=/bin:/sbin", "FROM=image"], Cmd: ["sh"], User: "" },
  passwd: "root:x:0:0:root:/root:/bin/sh\nweb:x:101:101:web:/srv:/bin/sh\n",
  group: "root:x:0:\nweb:x:101:\nextra:x:200:web\n",
};

const network: Network = {
  bridge: "tspod0",
  table: "tspod",
  subnet: "10.85.0.0/16",
  gateway: "10.85.0.1",
  addressDirectory: "/run/tspod/network/addresses",
  uplinks: ["eth0"],
  ipv6: false,
};

export const simpleSpec: PodSpec = {
  containers: [
    {
      name: "web",
      image: "busybox",
      command: ["httpd", "-f"],
      ports: [{ containerPort: 80, hostPort: 8080 }],
    },
    { name: "side", image: "busybox", command: ["sleep", "1"] },
  ],
};

/** A machine whose only mount is a shared root. */
export const sharedRoot: MountFacts = {
  at: () => ({ point: "/", shared: true, slave: false }),
  below: () => [],
  has: () => true,
};

/** Input of the plans for a pod on a hybrid-cgroup machine, with no I/O at all. */
export function podInput(spec: PodSpec = simpleSpec, more: Partial<PodPlanInput> = {}): PodPlanInput {
  const pod: Pod = { metadata: { name: "p", namespace: "default", uid: "u1" }, spec };
  const folders = podPaths(pathsFor("/"), { uid: "u1", name: "p", namespace: "default" });
  return {
    pod,
    spec,
    uid: "u1",
    configMaps: [],
    secrets: [],
    claims: [],
    facts: {
      devices: () => [],
      nodeName: "node1",
      bootId: "b",
      layout: {
        mode: "hybrid",
        unified: "/sys/fs/cgroup/unified",
        unifiedControllers: [],
        v1: { cpu: "/sys/fs/cgroup/cpu", memory: "/sys/fs/cgroup/memory", pids: "/sys/fs/cgroup/pids" },
        swapLimit: false,
        hugePageSizes: [],
        kill: true,
      },
      cgroupMounts: { mode: "v1", controllers: ["cpu", "memory", "pids"], unified: true },
      cgroupHost: { memoryBytes: 1 << 30, processLimit: 32768, oomScoreAdj: 0, sysResource: true },
      cpuMilli: 2000n,
      memoryBytes: 1n << 30n,
      capabilities: (1n << 41n) - 1n,
      throttleFolders: [],
      noSwap: () => false,
      appArmor: { enabled: false, loaded: () => [] },
      rlimits: Array.from({ length: 16 }, () => ({ soft: unlimited, hard: unlimited })),
    },
    folders,
    attempt: (container, attempt) => attemptPaths(folders, container, attempt),
    cgroupName: "tspod",
    network,
    podIP: "10.85.0.2",
    hostIP: "192.0.2.1",
    ports: [{ protocol: "TCP", hostIP: "", hostPort: 8080, podIP: "10.85.0.2", containerPort: 80 }],
    hostname: "p",
    etc: new Map([["hosts", "127.0.0.1 localhost\n"]]),
    mounts: sharedRoot,
    now: new Date("2026-01-02T03:04:05.678Z"),
    ...more,
  };
}

/** Input of the volumes of a pod with labels, on a machine of 2 CPUs and 1 GiB. */
export function volumesInput(spec: Partial<PodSpec>, more: Partial<VolumesInput> = {}): VolumesInput {
  const metadata = { name: "p", namespace: "default", labels: { tier: "web", app: 'a"b' } };
  return {
    pod: { metadata, spec: { containers: [], ...spec } },
    configMaps: [],
    secrets: [],
    claims: [],
    directory: "/v",
    claimsDirectory: "/claims",
    claimRecords: "/records",
    facts: {
      uid: "u1",
      podIP: "10.85.0.2",
      hostIP: "192.0.2.1",
      nodeName: "node1",
      nodeCpuMilli: 2000n,
      nodeMemoryBytes: 1n << 30n,
      nodeEphemeralBytes: 0n,
    },
    imageLayers: new Map(),
    mounts: sharedRoot,
    noSwap: () => false,
    now: new Date("2026-01-02T03:04:05.678Z"),
    ...more,
  };
}
