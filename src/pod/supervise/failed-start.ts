import { TspodError } from "../../errors/tspod-error.ts";
import type { PodPaths } from "../../state/paths.ts";
import { readWaiting, writeWaiting } from "../../state/records.ts";
import type { EventRecorder } from "../events.ts";
import type { Start } from "./next.ts";

/** docs/error-codes.md */
const IMAGE_ERRORS = "TS60";
const NEVER_PULL = "TS6003";

export interface FailedStart {
  start: Start;
  /** The number of the container's last attempt, -1 before the first. */
  after: number;
  image: string;
  error: Error;
}

/**
 * Says why a container waits although it has its turn: in the words of the kubelet's image manager and container
 * manager, as events and, until the next attempt is there, in the container's status. Returns what has failed.
 */
export function tellFailedStart(
  paths: PodPaths,
  events: EventRecorder,
  { start: { name, kind }, after, image, error }: FailedStart,
): "pull" | "other" {
  const tell = (type: "Normal" | "Warning", reason: string, message: string) =>
    events.container(kind, name, type, reason, message);
  const before = readWaiting(paths, name);
  const again = before?.after === after && /^(ErrImagePull|ImagePullBackOff)$/.test(before.reason);
  const { message } = error;
  const waits = (reason: string, text: string) => writeWaiting(paths, name, { reason, message: text, after });
  const code = error instanceof TspodError ? error.code : "";
  if (!code.startsWith(IMAGE_ERRORS)) {
    tell("Warning", "Failed", `Error: ${message}`);
    waits("CreateContainerConfigError", message);
    return "other";
  }
  if (code === NEVER_PULL) {
    tell("Warning", "ErrImageNeverPull", message);
    tell("Warning", "Failed", "Error: ErrImageNeverPull");
    waits("ErrImageNeverPull", message);
    return "other";
  }
  const prefix = `Failed to pull image "${image}": `;
  const why = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  tell("Warning", "Failed", `${prefix}${why}`);
  tell("Warning", "Failed", "Error: ErrImagePull");
  if (again) {
    tell("Normal", "BackOff", `Back-off pulling image "${image}"`);
    tell("Warning", "Failed", "Error: ImagePullBackOff");
    waits("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${why}`);
  } else waits("ErrImagePull", why);
  return "pull";
}
