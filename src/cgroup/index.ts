export { type ContainerCgroups, containerCgroupOps, containerCgroupRemovalOps } from "./container-ops.ts";
export { deviceProgram } from "./devices-bpf.ts";
export type { CgroupHost } from "./host.ts";
export { type CgroupLayout, controllerHome, podCgroup, v1Roots } from "./layout.ts";
export { oomScoreOps } from "./oom.ts";
export { type PodCgroups, podCgroupOps, podCgroupRemovalOps } from "./pod-ops.ts";
