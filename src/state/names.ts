import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { codeOf, hasCode } from "../errors/errno.ts";
import { makeFolders } from "../kernel/make-folders.ts";
import { namesIn } from "../kernel/names-in.ts";
import { fileName } from "./file-name.ts";
import type { Paths } from "./paths.ts";

/**
 * Names are symbolic links `<run>/names/<namespace>_<name>` → uid: symlink(2) is atomic and fails with EEXIST,
 * so two commands cannot both take one. `_` occurs in neither part.
 */
function linkOf(paths: Paths, namespace: string, name: string): string {
  return join(paths.run, "names", fileName(name, { before: `${namespace}_` }));
}

/** Takes the name for uid; returns the uid that has it already, or undefined when it is ours now. */
export function takeName(
  paths: Paths,
  pod: { namespace: string; name: string; uid: string },
): string | undefined {
  const link = linkOf(paths, pod.namespace, pod.name);
  for (;;) {
    try {
      makeFolders(join(paths.run, "names"), 0o700);
      symlinkSync(pod.uid, link);
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      // ENOENT: another command removed the empty folder between our two calls.
      if (code === "ENOENT") continue;
      if (code !== "EEXIST") throw error;
    }
    const holder = uidOfName(paths, pod.namespace, pod.name);
    if (holder !== undefined) return holder;
  }
}

/** The uid that has the name; the pod itself may be gone, if a command was killed. */
export function uidOfName(paths: Paths, namespace: string, name: string): string | undefined {
  return target(linkOf(paths, namespace, name));
}

/** Gives the name back, if it is this uid's. The caller sees to it that nobody else releases it at the same time. */
export function releaseName(paths: Paths, pod: { namespace: string; name: string; uid: string }): void {
  releaseLink({ link: linkOf(paths, pod.namespace, pod.name), uid: pod.uid });
}

/** As `releaseName`, for one of `allNames`: the name may have been taken by another pod since it was listed. */
export function releaseLink({ link, uid }: { link: string; uid: string }): void {
  if (target(link) === uid) rmSync(link, { force: true });
}

function target(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** All names that are taken, those included that a killed command left without a pod. */
export function allNames(paths: Paths): { link: string; uid: string }[] {
  const folder = join(paths.run, "names");
  return namesIn(folder).flatMap((entry) => {
    try {
      return [{ link: join(folder, entry), uid: readlinkSync(join(folder, entry)) }];
    } catch {
      return [];
    }
  });
}
