import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Container, Pod } from "../manifest/index.ts";
import { availableCapabilities, type SeccompFilter, seccompFilter } from "../security/index.ts";
import type { Host } from "./host.ts";

/** The filter of one container; Localhost profiles are read below `<lib>/seccomp`. */
export function seccompOf(host: Host, pod: Pod, container: Container): SeccompFilter {
  return seccompFilter(pod.spec ?? { containers: [] }, container, {
    arch: process.arch,
    kernelRelease: readFileSync("/proc/sys/kernel/osrelease", "latin1").trim(),
    capabilities: availableCapabilities(pod.spec ?? {}, host.facts().capabilities),
    readProfile: (path) => readProfile(join(host.paths.lib, "seccomp", path), container.name),
  });
}

function readProfile(path: string, container: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TspodError({
      code: "TS3222",
      message: `container ${container}: the seccomp profile ${path} cannot be read`,
      hint: "localhostProfile is relative to this folder: put the profile there",
      path,
      exitCode: ExitCode.invalid,
      cause,
    });
  }
}
