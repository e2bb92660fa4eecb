import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { TspodError } from "../../errors/tspod-error.ts";
import { selectPod } from "../../pod/select.ts";
import type { PodView } from "../../pod/view.ts";
import type { Context } from "../context.ts";
import { namespaceOf, type Pods } from "../pods.ts";
import type { FileSpec } from "./spec.ts";

export type Remote = Extract<FileSpec, { kind: "pod" }>;
export type Local = Exclude<FileSpec, Remote>;

/** A container, and the program that runs in it for us. */
export interface Side {
  context: Context;
  pods: Pods;
  view: PodView;
  container: string;
  /** A memfd of busybox. */
  program: number;
  path: string;
}

/** A command of busybox in the container, as the container's own user. */
export interface Running {
  stdin: Writable | undefined;
  stdout: Readable;
  /** Exit code, once the command has ended and what it said has been read. */
  ended: Promise<number>;
  said(): string;
}

/** What is kept of a command's complaints. */
const SAID_LIMIT = 4096;

export function podOf(context: Context, { host, core }: Pods, { pod, namespace }: Remote): PodView {
  return selectPod(core.listPods(host), pod, namespace ?? namespaceOf(context));
}

export async function start(side: Side, argv: string[], { input = false } = {}): Promise<Running> {
  const { core, host } = side.pods;
  const { io, exited } = await core.execIn(host, side.view, {
    container: side.container,
    argv: ["busybox", ...argv],
    stdin: input,
    program: side.program,
  });
  if ("console" in io) throw new TypeError("a command without a terminal was given one");
  const stdin = io.stdin === -1 ? undefined : new Socket({ fd: io.stdin, readable: false, writable: true });
  const stdout = new Socket({ fd: io.stdout, readable: true, writable: false });
  const stderr = new Socket({ fd: io.stderr, readable: true, writable: false });
  let said = "";
  stderr.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < SAID_LIMIT) said += text;
  });
  const heard = new Promise<void>((resolve) => stderr.once("close", () => resolve()));
  const ended = exited.then(async ({ code, signal }) => {
    await heard;
    return signal > 0 ? 128 + signal : code;
  });
  return { stdin, stdout, ended, said: () => said };
}

/** @throws TspodError TS3445 with what the command has said, when it has not ended with 0 */
export async function succeeded({ container, view, path }: Side, running: Running): Promise<void> {
  const code = await running.ended;
  if (code === 0) return;
  const [first = `it ended with exit code ${code}`] = running
    .said()
    .split("\n")
    .map((line) => line.replace(/^tar: /, "").trim())
    .filter((line) => line !== "");
  throw new TspodError({
    code: "TS3445",
    message: `${view.record.name}:${path} (container ${container}): ${first}`,
    path,
  });
}
