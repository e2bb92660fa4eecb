import { type Stats, statSync } from "node:fs";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { hasPath } from "../kernel/has-path.ts";
import type { Pod } from "../manifest/index.ts";
import type { Locate } from "./locate.ts";

/** What each hostPath type wants to find (kubelet's host_path checks), and its words when it does not. */
const CHECKS: Record<string, { test(stats: Stats): boolean; fault: string }> = {
  Directory: { test: (stats) => stats.isDirectory(), fault: "is not a directory" },
  DirectoryOrCreate: { test: (stats) => stats.isDirectory(), fault: "is not a directory" },
  File: { test: (stats) => stats.isFile(), fault: "is not a file" },
  FileOrCreate: { test: (stats) => stats.isFile(), fault: "is not a file" },
  Socket: { test: (stats) => stats.isSocket(), fault: "is not a socket file" },
  CharDevice: { test: (stats) => stats.isCharacterDevice(), fault: "is not a character device" },
  BlockDevice: { test: (stats) => stats.isBlockDevice(), fault: "is not a block device" },
};

/** Checks every hostPath volume before anything is created. Throws TS3106. */
export function checkHostPaths(pod: Pod, locate: Locate): void {
  (pod.spec?.volumes ?? []).forEach((volume, index) => {
    if (!volume.hostPath) return;
    const { path, type = "" } = volume.hostPath;
    const fault = faultOf(path, type);
    if (fault === undefined) return;
    throw new TspodError({
      code: "TS3106",
      message: `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : hostPath type check failed: ${path} ${fault.text}`,
      hint: fault.hint,
      path,
      exitCode: ExitCode.invalid,
      position: locate(`spec.volumes[${index}].hostPath.path`),
    });
  });
}

function faultOf(path: string, type: string): { text: string; hint: string } | undefined {
  const stats = statIfThere(path);
  if (!stats) {
    if (type.endsWith("OrCreate") || (type === "" && !hasPath(path))) return undefined;
    const kind = type === "File" ? "FileOrCreate" : "DirectoryOrCreate";
    return {
      text: "does not exist",
      hint: `create it on the host, or say \`type: ${kind}\` to have it made`,
    };
  }
  const check = CHECKS[type];
  if (!check || check.test(stats)) return undefined;
  return { text: check.fault, hint: "correct the type of the volume, or its path" };
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
