import { closeSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { hasCode } from "../../errors/errno.ts";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { copyProgram } from "../../pod/copy-program.ts";
import { execUser } from "../../pod/exec.ts";
import { chooseContainer } from "../container-choice.ts";
import type { Context } from "../context.ts";
import { openPods } from "../pods.ts";
import { Landing } from "./landing.ts";
import { pack } from "./pack.ts";
import { type Local, podOf, type Remote, type Side, start, succeeded } from "./remote.ts";
import { copyEnds, splitRemote } from "./spec.ts";
import { unpacker } from "./unpack.ts";

export interface CopyFlags {
  container?: string;
  /** Ownership and permissions go along. */
  preserve: boolean;
}

/** `tspod cp`: packing and unpacking in the container is done by its own user, within its confinement. */
export async function copyCommand(
  context: Context,
  source: string,
  destination: string,
  flags: CopyFlags,
): Promise<number> {
  const { from, to } = copyEnds(source, destination);
  if (from.kind === "local") refuseMissing(from.path);
  const remote = (from.kind === "pod" ? from : to) as Remote;
  const pods = await openPods(context);
  const view = podOf(context, pods, remote);
  const { container, notice } = chooseContainer(view.record.pod, flags.container);
  if (notice) context.err(notice);
  const program = await copyProgram();
  try {
    const side: Side = { context, pods, view, container, program, path: remote.path };
    await (from.kind === "pod" ? download(side, to as Local) : upload(side, from, flags));
    return 0;
  } finally {
    closeSync(program);
  }
}

/** Into a folder that is there, under the source's own name; a tar stream always into the folder named. */
async function upload(side: Side, from: Local, { preserve }: CopyFlags): Promise<void> {
  const stream = from.kind === "stream";
  const { folder, name } =
    stream || (await isFolder(side)) ? { folder: side.path, name: "" } : splitRemote(side.path);
  const kept = preserve ? [] : ["--no-same-permissions", "--no-same-owner"];
  const tar = await start(side, ["tar", ...kept, "-x", "-m", "-f", "-", "-C", folder], { input: true });
  const input = stream ? process.stdin : packed(side, from.path, name);
  tar.stdout.resume();
  try {
    if (tar.stdin) await pipeline(input, tar.stdin);
  } catch (error) {
    // A tar that gives up closes its end; what it has said is the better error.
    if (!isBrokenPipe(error)) throw error;
  }
  await succeeded(side, tar);
}

/** Who is not root can give nothing away: what it unpacks is its own. */
function packed({ context, pods, view, container }: Side, path: string, name: string): Readable {
  const user = execUser(pods.host, view, container);
  const owner = user.uid === 0 ? undefined : user;
  const options = { name: name || basename(resolve(path)), owner, warn: context.warn };
  return Readable.from(pack(path, options), { objectMode: false });
}

async function isFolder(side: Side): Promise<boolean> {
  const test = await start(side, ["test", "-d", side.path]);
  test.stdout.resume();
  return (await test.ended) === 0;
}

async function download(side: Side, to: Local): Promise<void> {
  const { folder, name } = splitRemote(side.path);
  const tar = await start(side, ["tar", "-c", "-f", "-", "-C", folder, "--", name]);
  if (to.kind === "stream") {
    await pipeline(tar.stdout, process.stdout, { end: false });
    return succeeded(side, tar);
  }
  let landing: Landing | undefined;
  let failure: unknown;
  const failed = (error: unknown) => {
    failure ??= error;
    tar.stdout.destroy();
  };
  const land = (type: "file" | "folder") => {
    const { folder: here, target } = landingFor(to.path, name, type);
    landing = new Landing(here);
    return { landing, target };
  };
  const parser = unpacker({ member: name, land, warn: side.context.warn }, failed);
  try {
    const broken = await pipeline(tar.stdout, parser as unknown as NodeJS.WritableStream).catch(asIs);
    if (failure) throw failure;
    await succeeded(side, tar);
    if (broken) throw unreadable(broken);
    landing?.finish();
  } finally {
    landing?.release();
  }
}

/** Into a folder that is there: a file under its own name, a folder's content merged, as kubectl does. */
function landingFor(path: string, name: string, type: "file" | "folder") {
  const place = resolve(path);
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory())
    return { folder: place, target: type === "folder" || name === "." ? [] : [name] };
  mkdirSync(dirname(place), { recursive: true });
  return { folder: dirname(place), target: [basename(place)] };
}

function asIs(error: Error): Error {
  return error;
}

function unreadable(cause: Error): TspodError {
  return new TspodError({ code: "TS3443", message: `tar contents corrupted: ${cause.message}`, cause });
}

function refuseMissing(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) return;
  throw new TspodError({
    code: "TS3442",
    message: `${path} doesn't exist in local filesystem`,
    exitCode: ExitCode.invalid,
  });
}

function isBrokenPipe(error: unknown): boolean {
  return hasCode(error, "EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE");
}
