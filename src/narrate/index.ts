export { describeOp } from "./describe-op.ts";
export { type FieldPlace, fieldOf } from "./field.ts";
export type { Narration } from "./narration.ts";
