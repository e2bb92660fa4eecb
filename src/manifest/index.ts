/**
 * What others need of manifests that have been read. The parser is not among it: `parse.ts` brings the YAML library
 * and all tables, a third of the start-up of a command that reads no manifest.
 */
export { applyDefaults, pullPolicyOf } from "./defaults.ts";
export { expand, references } from "./expand.ts";
export type { Weights } from "./fault.ts";
export type * from "./gen/types.ts";
export type * from "./object.ts";
export type { ManifestText, ParseResult } from "./parse.ts";
export type { HostPort } from "./ports.ts";
export { hostPorts, resolvePort } from "./ports.ts";
export type { Problem } from "./problem.ts";
export { qosClass } from "./qos.ts";
export {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliUnits,
  parseQuantity,
  quantityInUnits,
  readQuantity,
  wholeUnits,
} from "./quantity.ts";
export { countProblems, problemRow, renderProblem, renderProblems } from "./render-problem.ts";
export { plural, singular } from "./resource.ts";
export { fromLabelSelector, matchesSelector, parseSelector } from "./selector.ts";
export { applyWorkloadDefaults } from "./workload-defaults.ts";
export type * from "./workload-object.ts";
export { isWorkload, WORKLOAD_KINDS } from "./workload-object.ts";
export { markForeignByte } from "./yaml/foreign-byte.ts";
