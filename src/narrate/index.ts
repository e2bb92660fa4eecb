export { describeContainerOp } from "./container-op.ts";
export { type FieldPlace, fieldOf } from "./field.ts";
export { describeHostOp } from "./host-op.ts";
export type { Narration } from "./narration.ts";
