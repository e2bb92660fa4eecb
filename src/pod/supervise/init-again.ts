import type { Container, PodSpec } from "../../manifest/index.ts";
import type { SandboxRecord } from "../../state/record.ts";
import { lastAttempt } from "../last-attempt.ts";
import { attemptExitCode } from "../outcome.ts";
import type { AttemptView, PodView } from "../view.ts";
import { isSidecar, neverBegan } from "./restart-policy.ts";

/** How far the init containers are that `restart --init` has asked for. */
export type InitAgain =
  | { is: "next" | "running"; name: string }
  /** Those after it are not run. */
  | { is: "failed"; name: string; attempt: AttemptView }
  | { is: "done" };

/**
 * Init containers that are run again beside the containers, one after the other; undefined when nobody has asked, or the
 * pod has begun anew since. One that fails ends it: whoever asked decides what follows, no policy does.
 */
export function initAgain(view: PodView): InitAgain | undefined {
  const { record, sandbox } = view;
  const asked = initAgainAsked(sandbox);
  if (!asked) return undefined;
  for (const { name } of initOnly(record.pod.spec)) {
    const attempt = lastAttempt(view, name);
    const isNew = attempt && attempt.record.attempt > (asked.after[name] ?? -1);
    if (!isNew || neverBegan(attempt)) return { is: "next", name };
    if (attempt.alive) return { is: "running", name };
    if (attemptExitCode(attempt) !== 0) return { is: "failed", name, attempt };
  }
  return { is: "done" };
}

/**
 * What was asked for in this round. The init containers had all succeeded in it then, and as that they count for the
 * pod's life, whatever becomes of them now.
 */
export function initAgainAsked({ initAgain: asked, round = 0 }: SandboxRecord): SandboxRecord["initAgain"] {
  return asked?.round === round ? asked : undefined;
}

/** The init containers that come to an end: all but the sidecars. */
export function initOnly(spec: PodSpec | undefined): Container[] {
  return (spec?.initContainers ?? []).filter((one) => !isSidecar(one, "init"));
}
