import { type CgroupLayout, containerCgroupOps, oomScoreOps, podCgroupOps } from "../cgroup/index.ts";
import type { ConfigMap, Container, PersistentVolumeClaim, Pod, PodSpec, Secret } from "../manifest/index.ts";
import { loopbackOps, type Network, networkOps } from "../net/index.ts";
import { refuseUnmapped, sysctlOps } from "../security/index.ts";
import { containerArgv, DEFAULT_PATH } from "./command.ts";
import { planContainer } from "./container.ts";
import { containerEnv } from "./env.ts";
import type { ExecTemplate } from "./exec.ts";
import type { AttemptFolders, PodFolders } from "./folders.ts";
import type { HostOp, PortMapping } from "./host-op.ts";
import type { PlannedImage } from "./image-config.ts";
import { infraCommand } from "./infra.ts";
import type { MachineFacts } from "./machine-facts.ts";
import { planSecurity } from "./process-security.ts";
import { planSandbox, type SandboxInput } from "./sandbox.ts";
import type { UserNamespace } from "./user-namespace.ts";
import { type DownwardFacts, type MountFacts, planVolumes } from "./volumes.ts";

export interface PodPlanInput {
  pod: Pod;
  spec: PodSpec;
  uid: string;
  configMaps: readonly ConfigMap[];
  secrets: readonly Secret[];
  claims: readonly PersistentVolumeClaim[];
  /** Layers, top first, of the images that volumes name; by reference. Needed by the sandbox only. */
  imageLayers?: ReadonlyMap<string, readonly string[]>;
  facts: MachineFacts;
  folders: PodFolders;
  attempt(container: string, attempt: number): AttemptFolders;
  /** Top folder of the cgroups: "tspod", or with a root's suffix. */
  cgroupName: string;
  /** Absent with hostNetwork. */
  network?: Network;
  /** The pod's address; with hostNetwork the host's. */
  podIP: string;
  hostIP: string;
  ports: PortMapping[];
  hostname: string;
  /** hosts, hostname, resolv.conf by name; absent ones are the image's own affair. */
  etc: ReadonlyMap<string, string>;
  mounts: MountFacts;
  /** Content of an emptyDir's file, for `fileKeyRef`; absent in a look ahead. */
  envFile?: (volume: string, path: string) => string | undefined;
  now: Date;
  /** With `hostUsers: false`. */
  userNamespace?: UserNamespace & { directory: string };
}

export interface SandboxPlan {
  ops: HostOp[];
  /** The folder that holds every process of the pod. */
  cgroup: string;
  warnings: string[];
}

/**
 * The sandbox of a pod as data; `planContainerOf` adds the containers. `again`: a new one for a pod that has lost its
 * holder.
 */
export function planSandboxOf(
  input: PodPlanInput,
  { again = false }: { again?: SandboxInput["again"] } = {},
): SandboxPlan {
  const { spec, uid, facts, folders, network } = input;
  const cgroup = podCgroupOps({
    layout: facts.layout,
    name: input.cgroupName,
    uid,
    spec,
    host: facts.cgroupHost,
  });
  const volumes = volumesOf(input);
  const sysctls = sysctlOps(spec);
  const ops = planSandbox({
    spec,
    folders,
    etc: input.etc,
    hostname: input.hostname,
    volumes: volumes.ops,
    again,
    cgroup,
    network: network
      ? networkOps({ uid, address: input.podIP, ports: input.ports, network })
      : { beforeHolder: [], holder: [], afterHolder: spec.hostNetwork ? [] : loopbackOps() },
    sysctls,
    infra: infraCommand(input.pod),
    ...(input.userNamespace ? { userNamespace: { ...input.userNamespace, uid } } : {}),
  });
  return { ops, cgroup: cgroup.kill, warnings: [...cgroup.warnings, ...volumes.warnings] };
}

export interface ContainerPlan {
  ops: HostOp[];
  template: ExecTemplate;
  /** The leaf in the tracking tree, and all leaves. */
  cgroup: string;
  cgroups: string[];
  argv: string[];
  warnings: string[];
}

export interface ContainerPlanInput {
  container: Container;
  kind: "init" | "app" | "ephemeral";
  attempt: number;
  /** A process whose PID namespace the container joins, in place of one of its own. */
  target?: { pid: number; startTime: string };
  image: PlannedImage;
  /** struct sock_filter[] in hex, "" for none, and SECCOMP_FILTER_FLAG_*. */
  seccomp: { filter: string; flags: number };
}

/** One attempt of one container as data. */
export function planContainerOf(input: PodPlanInput, wanted: ContainerPlanInput): ContainerPlan {
  const { pod, spec, uid, facts, folders } = input;
  const { container, attempt, image } = wanted;
  const manifestEnv = containerEnv(pod, container, {
    configMaps: input.configMaps,
    secrets: input.secrets,
    ...downwardFacts(input),
    ...(input.envFile ? { envFile: input.envFile } : {}),
  });
  const argv = containerArgv(container, image.config, manifestEnv);
  const security = planSecurity({ pod, container, image, facts, seccomp: wanted.seccomp });
  if (input.userNamespace) refuseUnmapped(container.name, security.process.user, input.userNamespace);
  const env = finalEnv({
    image,
    manifestEnv,
    hostname: input.hostname || facts.nodeName,
    home: security.home,
    tty: container.tty ?? false,
  });
  const cgroup = containerCgroupOps({
    layout: facts.layout,
    name: input.cgroupName,
    uid,
    spec,
    container,
    attempt,
  });
  const oom = oomScoreOps(spec, container, facts.cgroupHost);
  const attemptFolders = input.attempt(container.name, attempt);
  const monitor = infraEnter(facts.layout, input);
  const workingDir = container.workingDir || image.config.WorkingDir || "/";
  const parents = {
    run: parentOf(attemptFolders.run),
    layer: parentOf(attemptFolders.layer),
    log: attemptFolders.logDirectory,
  };
  const ops = planContainer({
    spec,
    container,
    layers: image.layers,
    argv,
    env,
    manifestEnv,
    workingDir,
    security: security.process,
    hostSecurity: security.host,
    oomScore: oom.ops,
    volumes: volumesOf(input).volumes,
    mounts: input.mounts,
    generated: generatedFiles(input, container, attemptFolders),
    shm: spec.hostIPC ? "" : folders.shm,
    cgroup,
    cgroupMounts: facts.cgroupMounts,
    devices: container.securityContext?.privileged ? facts.devices() : [],
    monitor,
    folders: attemptFolders,
    first: attempt === 0,
    ...(wanted.target ? { target: wanted.target } : {}),
    parents,
    logLimits: LOG_LIMITS,
    ...(input.userNamespace ? { userNamespace: input.userNamespace } : {}),
  });
  return {
    ops,
    template: {
      env: [...env],
      workingDir,
      security: security.process,
      oomScore: oom.ops,
      ...(input.userNamespace ? { userNamespace: input.userNamespace } : {}),
    },
    cgroup: cgroup.kill,
    cgroups: [
      ...(cgroup.enter.directory === "" ? [] : [cgroup.enter.directory]),
      ...cgroup.enter.tasks.map(parentOf),
    ],
    argv,
    warnings: [...security.warnings, ...cgroup.warnings, ...oom.warnings],
  };
}

/** The kubelet's containerLogMaxSize and containerLogMaxFiles. */
const LOG_LIMITS = { maxBytes: 10 << 20, maxFiles: 5 };

function volumesOf(input: PodPlanInput) {
  const { pod, configMaps, secrets, claims, folders, now } = input;
  return planVolumes({
    pod,
    configMaps,
    secrets,
    claims,
    directory: folders.volumes,
    claimsDirectory: folders.claims,
    claimRecords: folders.claimRecords,
    facts: downwardFacts(input),
    imageLayers: input.imageLayers ?? new Map(),
    mounts: input.mounts,
    noSwap: () => input.facts.noSwap(),
    now,
  });
}

function downwardFacts({ uid, podIP, hostIP, facts }: PodPlanInput): DownwardFacts {
  return {
    uid,
    podIP,
    hostIP,
    nodeName: facts.nodeName,
    nodeCpuMilli: facts.cpuMilli,
    nodeMemoryBytes: facts.memoryBytes,
    nodeEphemeralBytes: 0n,
  };
}

function infraEnter(
  layout: CgroupLayout,
  input: PodPlanInput,
): { directory: string; tasks: readonly string[] } {
  const { spec, uid, facts } = input;
  return podCgroupOps({ layout, name: input.cgroupName, uid, spec, host: facts.cgroupHost }).infra;
}

/** Image first, then the manifest on top; HOSTNAME as CRI runtimes set it, PATH and HOME only where nobody did. */
function finalEnv(parts: {
  image: PlannedImage;
  manifestEnv: ReadonlyMap<string, string>;
  hostname: string;
  home: string;
  tty: boolean;
}): Map<string, string> {
  const env = new Map<string, string>([["PATH", DEFAULT_PATH]]);
  if (parts.tty) env.set("TERM", "xterm");
  env.set("HOSTNAME", parts.hostname);
  for (const line of parts.image.config.Env ?? []) {
    const at = line.indexOf("=");
    if (at > 0) env.set(line.slice(0, at), line.slice(at + 1));
  }
  for (const [name, value] of parts.manifestEnv) env.set(name, value);
  if (!env.has("HOME")) env.set("HOME", parts.home);
  return env;
}

function generatedFiles(
  input: PodPlanInput,
  container: Container,
  attempt: AttemptFolders,
): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of input.etc.keys()) files.set(`/etc/${name}`, `${input.folders.etc}/${name}`);
  const message = container.terminationMessagePath ?? "/dev/termination-log";
  if (message !== "") files.set(message, attempt.terminationLog);
  return files;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
