export { describeContainerOp } from "./container-op.ts";
export { fieldOf } from "./field.ts";
export { describeHostOp } from "./host-op.ts";
export type { Narration } from "./narration.ts";
