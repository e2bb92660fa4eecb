export {
  type ContainerCgroupInput,
  type ContainerCgroups,
  containerCgroupOps,
  containerCgroupRemovalOps,
} from "./container-ops.ts";
export { cpuQuota, cpuShares, cpuWeight } from "./cpu.ts";
export { type DeviceRule, defaultDeviceRules } from "./devices.ts";
export { deviceProgram } from "./devices-bpf.ts";
export { type CgroupHost, podPidsLimit } from "./host.ts";
export {
  type CgroupLayout,
  type Controller,
  containerCgroup,
  controllerHome,
  defaultCgroupName,
  infraCgroup,
  podCgroup,
  trackingRoot,
  v1Roots,
} from "./layout.ts";
export { oomScoreOps } from "./oom.ts";
export { oomScoreAdj } from "./oom-score.ts";
export {
  type CgroupEnter,
  type PodCgroupInput,
  type PodCgroups,
  podCgroupOps,
  podCgroupRemovalOps,
} from "./pod-ops.ts";
export { podResources, type Resources, resourcesOf } from "./resources.ts";
