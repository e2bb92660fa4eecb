export { type AppliedWorkload, applyWorkload } from "./apply.ts";
export { pauseRollout, restartRollout, scaleWorkload } from "./change.ts";
export { deleteWorkload, ownedPods } from "./delete.ts";
export { type Driven, type DriverDeps, reconcileAll, settled } from "./drive.ts";
export { memoryOf, readWorkload, type StoredEvent, storedWorkloads } from "./stored.ts";
