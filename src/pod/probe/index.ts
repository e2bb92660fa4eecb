export type { HandlerTarget } from "../handler/target.ts";
export type { ProbeKind } from "./count.ts";
export { type Health, type ProbeListener, type Probes, startProbes } from "./start.ts";
