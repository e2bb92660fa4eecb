import { setTimeout as sleep } from "node:timers/promises";
import { TspodError } from "../../errors/tspod-error.ts";
import type { Container, Pod } from "../../manifest/index.ts";
import { type Attachment, attachTo, isAttachable, OutputReader } from "../../pod/attach.ts";
import { lastAttempt } from "../../pod/last-attempt.ts";
import { attemptExitCode } from "../../pod/outcome.ts";
import { podStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";
import { LOG_BYTES } from "../../runtime/logs/index.ts";
import { chooseContainer } from "../container-choice.ts";
import type { Context } from "../context.ts";
import { LogStream, POLL_MS } from "../log-stream.ts";
import { targetsOf } from "../log-targets.ts";
import { pickPod } from "../pick-pod.ts";
import { openPods, type Pods } from "../pods.ts";
import { rawMode, windowSize } from "../terminal.ts";
import { writeOrPause } from "./back-pressure.ts";
import { DetachKeys } from "./detach-keys.ts";

export interface AttachFlags {
  container?: string;
  stdin?: boolean;
  tty?: boolean;
  quiet?: boolean;
  /** Somebody else shows what the container writes. */
  inputOnly?: boolean;
  /** So many lines of a container that was made for this command have been shown: it may end before it is joined. */
  shown?: number;
}

/** `tspod attach`: until the container ends, with its exit code, or Ctrl-P Ctrl-Q. */
export async function attachCommand(context: Context, name: string, flags: AttachFlags): Promise<number> {
  const pods = await openPods(context);
  const view = await pickPod(context, pods, name);
  const { container, notice } = chooseContainer(view.record.pod, flags.container);
  if (notice && !flags.quiet) context.err(notice);
  refuseCompleted(view);
  return attachContainer(context, pods, view, { ...flags, container });
}

/**
 * For a container that was made for this command: input goes in, and all that it writes comes from its log, for it may
 * write, and end, before anybody can have joined it. A terminal has no lines to wait for: it is joined.
 */
export async function joinNewContainer(
  context: Context,
  pods: Pods,
  view: PodView,
  flags: AttachFlags & { container: string },
): Promise<number> {
  if (flags.tty) return attachContainer(context, pods, view, flags);
  const output = followLog(context, pods, view, flags.container, { whole: true });
  const code = await attachContainer(context, pods, view, { ...flags, inputOnly: true });
  await output;
  return code;
}

/** The same for a container that is known to be there. */
export async function attachContainer(
  context: Context,
  pods: Pods,
  view: PodView,
  flags: AttachFlags & { container: string },
): Promise<number> {
  const { container } = flags;
  const wanted = containerOf(view.record.pod, container);
  if (flags.tty && !wanted?.tty && !flags.quiet)
    context.err(`error: Unable to use a TTY - container ${container} did not allocate one\n`);
  if (flags.stdin && !wanted?.stdin)
    throw new TspodError({
      code: "TS3491",
      message: `container ${container} of pod ${view.record.name} has no standard input: its manifest does not say stdin: true`,
      hint: "leave -i away to see its output",
    });
  if (!isAttachable(pods.host, view, container)) {
    const runs = lastAttempt(view, container)?.alive;
    const whole = !runs || flags.shown !== undefined;
    if (!flags.inputOnly) await followLog(context, pods, view, container, { whole, skip: flags.shown });
    return exitCode(pods, view, container);
  }
  const attachment = await attachTo(pods.host, view, { container, stdin: flags.stdin ?? false }).catch(
    async (error: unknown) => {
      if (!(await hasEnded(pods, view, container))) throw error;
      return undefined;
    },
  );
  if (!attachment) {
    if (!flags.inputOnly) await followLog(context, pods, view, container, { whole: true, skip: flags.shown });
    return exitCode(pods, view, container);
  }
  const terminal = (wanted?.tty ?? false) && (flags.stdin ?? false) && process.stdin.isTTY === true;
  if (terminal && !flags.quiet) context.err("If you don't see a command prompt, try pressing enter.\n");
  const how = await joined(attachment, {
    silent: flags.inputOnly ?? false,
    terminal,
    stdin: flags.stdin ?? false,
    tty: wanted?.tty ?? false,
  });
  if (how === "detached") return 0;
  // It has written, and ended, before its monitor had taken notice of us.
  if (how === "unheard" && flags.shown !== undefined && !flags.inputOnly)
    await followLog(context, pods, view, container, { whole: true, skip: flags.shown });
  return exitCode(pods, view, container);
}

/** Copies both ways until the container has ended or the person lets go. */
async function joined(
  attachment: Attachment,
  { terminal, stdin, tty, silent }: { terminal: boolean; stdin: boolean; tty: boolean; silent: boolean },
): Promise<"ended" | "unheard" | "detached"> {
  const { socket } = attachment;
  let heard = false;
  const output = new OutputReader((stream, bytes) => {
    heard = true;
    if (silent) return;
    const target = stream === 2 ? process.stderr : process.stdout;
    // Who reads slower than the container writes is waited for, until the monitor loses patience.
    writeOrPause(socket, target, bytes);
  });
  socket.on("data", (chunk: Buffer) => output.push(chunk));
  const keys = new DetachKeys();
  let detach: () => void = () => {};
  const detached = new Promise<"detached">((resolve) => (detach = () => resolve("detached")));
  const typed = (chunk: Buffer) => {
    const { pass, detach: letGo } = terminal ? keys.take(chunk) : { pass: chunk, detach: false };
    if (pass.length > 0) writeOrPause(process.stdin, socket, pass);
    if (letGo) detach();
  };
  const resize = () => attachment.setSize(windowSize());
  const restore = terminal ? rawMode() : () => {};
  const ended = new Promise<"ended">((resolve) => {
    socket.once("end", () => resolve("ended"));
    socket.once("close", () => resolve("ended"));
    socket.on("error", () => resolve("ended"));
  });
  try {
    if (tty && process.stdout.isTTY) {
      resize();
      process.stdout.on("resize", resize);
    }
    if (stdin) {
      process.stdin.on("data", typed);
      process.stdin.once("end", () => socket.end());
    }
    const how = await Promise.race([ended, detached]);
    return how === "ended" && !heard ? "unheard" : how;
  } finally {
    process.stdout.off("resize", resize);
    process.stdin.off("data", typed);
    process.stdin.pause();
    restore();
    attachment.close();
  }
}

/** A container without input and terminal: all it writes is in its log. */
async function followLog(
  context: Context,
  pods: Pods,
  view: PodView,
  container: string,
  { whole = false, skip = 0 }: { whole?: boolean; skip?: number | undefined } = {},
): Promise<void> {
  let left = skip;
  const stream = new LogStream((_, line) => {
    if (left-- > 0) return;
    if (line.stream === "stderr") context.err(`${line.text}\n`, LOG_BYTES);
    else context.out(`${line.text}\n`, LOG_BYTES);
  });
  for (let first = true; ; first = false) {
    const now = pods.core.viewPod(pods.host, view.record.uid);
    const one = now?.containers.find(({ name }) => name === container);
    const target = now && one ? targetsOf(pods.host, now, one).at(-1) : undefined;
    if (target) stream.update([target], { fromEnd: first && !whole });
    const over = stream.poll();
    await context.drained();
    if (!target || over) return;
    await sleep(POLL_MS);
  }
}

/** A monitor that has closed its socket is about to have recorded the end. */
async function hasEnded({ core, host }: Pods, view: PodView, container: string): Promise<boolean> {
  for (let looks = 0; looks < ENDING_LOOKS; looks++) {
    const now = core.viewPod(host, view.record.uid)?.containers.find(({ name }) => name === container);
    if (!now?.attempts.at(-1)?.alive) return true;
    await sleep(POLL_MS);
  }
  return false;
}

const ENDING_LOOKS = 10;

/** How the container ended; the monitor closes the socket right after it has recorded that. */
function exitCode({ core, host }: Pods, view: PodView, container: string): number {
  const last = core
    .viewPod(host, view.record.uid)
    ?.containers.find(({ name }) => name === container)
    ?.attempts.findLast(({ alive }) => !alive);
  return last ? attemptExitCode(last) : 0;
}

function containerOf({ spec }: Pod, name: string): Container | undefined {
  return [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ].find((one) => one.name === name) as Container | undefined;
}

function refuseCompleted(view: PodView): void {
  const { phase } = podStatus(view);
  if (phase !== "Succeeded" && phase !== "Failed") return;
  throw new TspodError({
    code: "TS5301",
    message: `cannot attach a container in a completed pod; current phase is ${phase}`,
    hint: `tspod logs ${view.record.name}`,
  });
}
