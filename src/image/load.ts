import { statSync } from "node:fs";
import { type BringInOptions, bringIn, type Origin } from "./bring-in.ts";
import { imageError } from "./errors.ts";
import type { OnProgress } from "./progress.ts";
import type { ImageRecord } from "./records.ts";
import { formatReference, parseReference } from "./reference.ts";
import { type LocalSource, sourceName } from "./sources/parse-source.ts";
import type { StoreContext } from "./store.ts";

export interface LoadOptions {
  /** The name it gets; otherwise the archive's own names, or the source itself. */
  name?: string | undefined;
  /** The name is the source itself, whatever names an archive holds. */
  asSource?: boolean;
  /** The source is gone afterwards and gives no name: an archive that has none of its own is refused. */
  passing?: boolean;
  onProgress?: OnProgress;
}

/** Brings an image from a layout or an archive into the store. A folder (`rootfs:`) is used where it is, not loaded. */
export async function loadImage(
  context: StoreContext,
  source: LocalSource,
  options: LoadOptions = {},
): Promise<ImageRecord[]> {
  checkPath(source);
  const named = (tags: string[]) => {
    if (options.asSource) return [sourceName(source)];
    const names = options.name !== undefined ? [options.name] : tags;
    if (names.length === 0 && options.passing)
      throw imageError("badSource", "the archive does not say what the image is called", {
        hint: "say it with --name",
      });
    return names.length > 0
      ? names.map((name) => formatReference(parseReference(name, context.shortNames)))
      : [sourceName(source)];
  };
  const bring = async (origin: Origin, names: string[]) => {
    const records: ImageRecord[] = [];
    for (const ref of names) records.push(await bringIn(context, origin, bringOptions(ref, source, options)));
    return records;
  };
  switch (source.kind) {
    case "oci": {
      const { ociLayout } = await import("./sources/oci-layout.ts");
      return bring(ociLayout(context, source.path, source.ref), named([]));
    }
    case "oci-archive": {
      const { openOciArchive } = await import("./sources/oci-archive.ts");
      const { ociLayout } = await import("./sources/oci-layout.ts");
      const archive = await openOciArchive(context, source.path);
      try {
        return await bring(ociLayout(context, archive.folder, source.ref), named([]));
      } finally {
        archive.close();
      }
    }
    case "docker-archive": {
      const { openArchive } = await import("./sources/open-archive.ts");
      const { dockerArchive } = await import("./sources/docker-archive.ts");
      const archive = await openArchive(context, source.path);
      try {
        const origin = dockerArchive(context, archive, source.path, source.ref);
        return await bring(origin, named(origin.tags));
      } finally {
        archive.close();
      }
    }
    case "tarball": {
      const { tarball } = await import("./sources/tarball.ts");
      return bring(await tarball(context, source.path), named([]));
    }
    case "rootfs":
      throw imageError(
        "badSource",
        `${sourceName(source)} is a folder that is used where it is; it is not loaded`,
        {
          hint: `name it as a container's image, or make a tarball of it and import that`,
        },
      );
  }
}

function bringOptions(ref: string, source: LocalSource, { onProgress }: LoadOptions): BringInOptions {
  // As `docker load` does: a layer that cannot be unpacked is refused here, not when a pod wants it.
  return { ref, source: sourceName(source), unpack: true, ...(onProgress && { onProgress }) };
}

/** The commonest mistake is a path that is not there; say so before anything else does. */
export function checkPath(source: LocalSource): void {
  const stat = statSync(source.path, { throwIfNoEntry: false });
  const wantsFolder = source.kind === "oci" || source.kind === "rootfs";
  if (stat === undefined)
    throw imageError("badSource", `${sourceName(source)}: there is no ${source.path}`, {
      path: source.path,
      hint: "check the path: one that is not absolute begins in the folder of the command",
    });
  if (stat.isDirectory() !== wantsFolder)
    throw imageError(
      "badSource",
      `${sourceName(source)}: ${source.path} is ${wantsFolder ? "not a folder" : "a folder"}`,
      {
        path: source.path,
        ...(stat.isDirectory() ? { hint: `did you mean oci:${source.path} or rootfs:${source.path}?` } : {}),
      },
    );
}
