export { describeOp } from "./describe-op.ts";
export type { Narration } from "./narration.ts";
