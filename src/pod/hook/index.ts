import type { LifecycleHandler } from "../../manifest/index.ts";
import { processEnd } from "../await.ts";
import { onCut, timerMs } from "../handler/deadline.ts";
import { messageOf } from "../handler/message.ts";
import type { HandlerTarget, Limits } from "../handler/target.ts";

export type { HandlerTarget } from "../handler/target.ts";

/** A hook that did not succeed. `message` is the kubelet's, for the status; events say only that it failed. */
export class HookFailed extends Error {}

/** What the kubelet's event about a failed hook is called and says: the hook's own words may hold secrets. */
export const HOOK_EVENTS = {
  postStart: { reason: "FailedPostStartHook", message: "PostStartHook failed" },
  preStop: { reason: "FailedPreStopHook", message: "PreStopHook failed" },
} as const;

/**
 * Runs a hook of a running container to its end. One that takes longer than `timeoutMs`, is not wanted any more, or
 * whose container ends before it, is cut short, and everything its command has started is killed.
 * @throws HookFailed, whatever has gone wrong
 */
export async function runHook(
  target: HandlerTarget,
  handler: LifecycleHandler,
  limits: Limits = {},
): Promise<void> {
  const { host, attempt } = target;
  const done = new AbortController();
  const ended = new AbortController();
  if (attempt.process) void processEnd(host, attempt.process, done.signal).then(() => ended.abort());
  const signal = AbortSignal.any([ended.signal, ...(limits.signal ? [limits.signal] : [])]);
  try {
    await run(target, handler, { ...limits, signal });
  } finally {
    done.abort();
  }
}

async function run(target: HandlerTarget, handler: LifecycleHandler, limits: Limits): Promise<void> {
  const { pod, container } = target;
  const where = `for Container ${quoted(container.name)} in Pod ${quoted(`${pod.name}_${pod.namespace}(${pod.uid})`)}`;
  if (handler.exec) return execHook(target, handler.exec.command ?? [], { limits, where });
  try {
    if (handler.httpGet) {
      const { httpHook } = await import("./http.ts");
      return await httpHook(target, handler.httpGet, limits);
    }
    if (handler.sleep) return await sleepHook(target.host.seconds(handler.sleep.seconds), limits);
  } catch (error) {
    const what = handler.httpGet
      ? `HTTP lifecycle hook (${handler.httpGet.path ?? ""})`
      : `Sleep lifecycle hook (${handler.sleep?.seconds})`;
    throw new HookFailed(`${what} ${where} failed - error: ${messageOf(error)}`, { cause: error });
  }
  // tcpSocket is in the API for old objects only: a kubelet does not run it either.
  throw new HookFailed(`Cannot run handler: invalid handler: ${Object.keys(handler).join(", ") || "none"}`);
}

async function execHook(
  target: HandlerTarget,
  argv: readonly string[],
  { limits, where }: { limits: Limits; where: string },
): Promise<void> {
  const failed = (why: string, output: string, cause?: unknown) => {
    const message = `Exec lifecycle hook ([${argv.join(" ")}]) ${where} failed - error: ${why}, message: ${quoted(output)}`;
    return new HookFailed(message, { cause });
  };
  const { runCommand } = await import("../handler/command.ts");
  const { code, stdout, stderr } = await runCommand(target, argv, limits).catch((error: unknown) => {
    throw failed(messageOf(error), "", error);
  });
  if (code !== 0) throw failed(`command '${argv.join(" ")}' exited with ${code}: ${stderr}`, stdout + stderr);
}

function sleepHook(ms: number, limits: Limits): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      clock.clear();
      resolve();
    }, timerMs(ms));
    const clock = onCut(limits, () => {
      clearTimeout(timer);
      reject(new Error("container terminated before sleep hook finished"));
    });
  });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
