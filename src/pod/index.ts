export { changeImages } from "./change-images.ts";
export { type CreateRequest, createPod } from "./create.ts";
export { type ExecOptions, execIn } from "./exec.ts";
export { type ExplainedPod, explainPod } from "./explain.ts";
export { collectGarbage, type GcReport } from "./gc.ts";
export {
  type Applied,
  allObjects,
  applyObject,
  deleteObject,
  getObject,
  type OfKind,
  type PlainObject,
  type StoredKind,
  type StoredObject,
} from "./object-store.ts";
export { podExitCode } from "./outcome.ts";
export { type RecoveryNote, recover } from "./recover.ts";
export { type RemoveOptions, removePod } from "./remove.ts";
export { type PodOutcome, PodSession } from "./session.ts";
export { isNotStopped, startPod } from "./start.ts";
export { killPod, type StopOptions, stopPod } from "./stop.ts";
export { signalNumber } from "./stop-signal.ts";
export type { AttemptView, ContainerView, PodView } from "./view.ts";
export { listPods, viewPod } from "./views.ts";
