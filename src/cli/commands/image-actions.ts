import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { StoreContext } from "../../image/store.ts";
import type { Context } from "../context.ts";
import { humanBytes } from "../render/image-bytes.ts";
import { findingLines, historyRows, imageRows, usageRows } from "../render/image-list.ts";
import { barProgress, plainProgress } from "../render/image-progress.ts";
import { type StructuredFormat, structured } from "../render/structured.ts";
import { table } from "../render/table.ts";

type Verbs = typeof import("../../image/store-verbs.ts");

async function open(context: Context): Promise<{ store: StoreContext; verbs: Verbs }> {
  const [host, verbs] = await Promise.all([context.host(), import("../../image/store-verbs.ts")]);
  return { store: host.images.context, verbs };
}

/** Progress and warnings for a person; with `quiet` only the warnings. */
function teller(context: Context, quiet: boolean): import("../../image/progress.ts").OnProgress {
  const tell = quiet
    ? () => {}
    : process.stderr.isTTY
      ? barProgress(context.err)
      : plainProgress(context.err);
  return (progress) => {
    if (progress.kind === "warning") context.warn(progress.message);
    else tell(progress);
  };
}

export async function list(
  context: Context,
  flags: { digests?: boolean; quiet?: boolean; output?: StructuredFormat },
): Promise<number> {
  const { store, verbs } = await open(context);
  const images = verbs.listImages(store);
  if (flags.output !== undefined) context.out(await structured(images, flags.output));
  else if (flags.quiet) context.out(images.map(({ id }) => `${id}\n`).join(""));
  else context.out(table(imageRows(images, { digests: flags.digests ?? false, now: context.now() })));
  return 0;
}

export async function pull(context: Context, names: string[], flags: { quiet?: boolean }): Promise<number> {
  const { store, verbs } = await open(context);
  for (const name of names) {
    const record = await verbs.pullImage(store, name, { onProgress: teller(context, flags.quiet ?? false) });
    context.out(`${record.manifest.digest}\n`);
  }
  return 0;
}

export async function load(context: Context, sources: string[], flags: { name?: string }): Promise<number> {
  const { store, verbs } = await open(context);
  if (sources.length === 0 && process.stdin.isTTY)
    throw new TspodError({
      code: "TS1002",
      exitCode: ExitCode.invalid,
      message: "there is nothing to load: no source is named, and standard input is a terminal",
      hint: "name a layout or an archive, or redirect one: tspod image load < app.tar",
    });
  const options = { name: flags.name, onProgress: teller(context, true) };
  for (const text of sources.length === 0 ? ["-"] : sources) {
    const named = verbs.parseSource(text);
    const records = named
      ? await verbs.loadImage(store, named, options)
      : await verbs.spooled(store, text, async (file) =>
          verbs.loadImage(store, await guessSource(file, verbs), { ...options, passing: file !== text }),
        );
    for (const record of records) context.out(`Loaded image: ${verbs.displayName(record)}\n`);
  }
  return 0;
}

/** A path without a prefix: a folder is a layout, a file what its members say. */
async function guessSource(
  path: string,
  verbs: Verbs,
): Promise<import("../../image/sources/parse-source.ts").LocalSource> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return verbs.parseSource(`oci:${path}`)!;
  if (stat === undefined) return verbs.parseSource(`docker-archive:${path}`)!;
  const { list: members } = await import("tar");
  let isLayout = false;
  const onReadEntry = (entry: { path: string }) => {
    isLayout ||= /^(?:\.\/)?oci-layout$/.test(entry.path);
  };
  await members({ file: path, onReadEntry });
  const kind = isLayout ? "oci-archive" : "docker-archive";
  return verbs.parseSource(`${kind}:${path}`)!;
}

export async function save(context: Context, names: string[], flags: { to: string }): Promise<number> {
  const { store, verbs } = await open(context);
  const target = verbs.parseSource(flags.to);
  if (target === undefined)
    throw new TspodError({
      code: "TS6020",
      exitCode: ExitCode.invalid,
      message: `--to ${flags.to} names no format`,
      hint: "use oci:DIR, oci-archive:FILE or docker-archive:FILE",
    });
  for (const record of await verbs.saveImages(store, names, target))
    context.out(`Saved image: ${verbs.displayName(record)}\n`);
  return 0;
}

export async function importTarball(context: Context, file: string, name: string): Promise<number> {
  const { store, verbs } = await open(context);
  const [record] = await verbs.spooled(store, file.replace(/^tarball:/, ""), (path) =>
    verbs.loadImage(store, { kind: "tarball", path: resolve(path) }, { name }),
  );
  context.out(`${record!.manifest.digest}\n`);
  return 0;
}

export async function tag(context: Context, image: string, name: string): Promise<number> {
  const { store, verbs } = await open(context);
  await verbs.tagImage(store, image, name);
  return 0;
}

export async function inspect(
  context: Context,
  names: string[],
  flags: { output: StructuredFormat },
): Promise<number> {
  const { store, verbs } = await open(context);
  context.out(
    await structured(
      names.map((name) => verbs.inspectImage(store, name)),
      flags.output,
    ),
  );
  return 0;
}

export async function history(context: Context, name: string): Promise<number> {
  const { store, verbs } = await open(context);
  context.out(table(historyRows(verbs.imageHistory(store, name), context.now())));
  return 0;
}

export async function usage(context: Context): Promise<number> {
  const { store, verbs } = await open(context);
  context.out(table(usageRows(verbs.storeUsage(store))));
  return 0;
}

export async function remove(
  context: Context,
  names: string[],
  flags: { ignoreNotFound?: boolean },
): Promise<number> {
  const { store, verbs } = await open(context);
  const isThere = (name: string) => {
    try {
      return verbs.findImages(store, name).length > 0;
    } catch (error) {
      if ((error as TspodError).exitCode === ExitCode.notFound) return false;
      throw error;
    }
  };
  const wanted = flags.ignoreNotFound ? names.filter(isThere) : names;
  if (wanted.length === 0) return 0;
  const removed = await verbs.removeImages(store, wanted);
  for (const name of removed.names) context.out(`Untagged: ${name}\n`);
  if (removed.postponed)
    context.err(`${removed.postponed.message}: the next \`tspod image prune\` frees the space\n`);
  if (removed.bytes > 0) context.out(`Freed: ${humanBytes(removed.bytes)}\n`);
  return 0;
}

export async function prune(context: Context, flags: { all?: boolean; dryRun?: boolean }): Promise<number> {
  const { store, verbs } = await open(context);
  const pruned = await verbs.pruneImages(store, flags);
  for (const name of pruned.names) context.out(`${flags.dryRun ? "would remove" : "removed"} ${name}\n`);
  context.out(`${flags.dryRun ? "would free" : "freed"} ${humanBytes(pruned.bytes)}\n`);
  return 0;
}

export async function verify(context: Context, flags: { repair?: boolean }): Promise<number> {
  const { store, verbs } = await open(context);
  const findings = await verbs.verifyStore(store, flags);
  context.out(findingLines(findings));
  const broken = findings.filter(({ mended }) => !mended).length;
  if (findings.length === 0) context.out("everything is what its digest says\n");
  return broken === 0 ? 0 : ExitCode.failure;
}
