import { linkSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StoreContext } from "../store.ts";
import { openArchive } from "./open-archive.ts";

const MEMBER = /^(?:index\.json|oci-layout|blobs\/sha(?:256|512)\/[0-9a-f]+)$/;

/** An OCI layout in a tar archive becomes a layout in a folder, until `close`. */
export async function openOciArchive(
  context: StoreContext,
  path: string,
): Promise<{ folder: string; close: () => void }> {
  const archive = await openArchive(context, path);
  const folder = join(archive.folder, "layout");
  for (const member of archive.members()) {
    const file = archive.file(member);
    if (file === undefined || !MEMBER.test(member)) continue;
    mkdirSync(dirname(join(folder, member)), { recursive: true });
    linkSync(file, join(folder, member));
  }
  return { folder, close: archive.close };
}
