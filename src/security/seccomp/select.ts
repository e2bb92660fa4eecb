import { TspodError } from "../../errors/tspod-error.ts";
import type { Container, PodSpec } from "../../manifest/index.ts";

export type SeccompChoice =
  | { type: "RuntimeDefault" }
  | { type: "Unconfined" }
  /** `path` is relative to the folder of seccomp profiles. */
  | { type: "Localhost"; path: string };

/**
 * The profile a container asks for: its own, else the pod's, else RuntimeDefault (docs/adr: secure by
 * default, as a kubelet with SeccompDefault). Privileged containers run unconfined whatever they ask for.
 */
export function seccompChoice(spec: PodSpec, container: Container): SeccompChoice {
  if (container.securityContext?.privileged === true) return { type: "Unconfined" };
  const profile = container.securityContext?.seccompProfile ?? spec.securityContext?.seccompProfile;
  switch (profile?.type) {
    case undefined:
    case "RuntimeDefault":
      return { type: "RuntimeDefault" };
    case "Unconfined":
      return { type: "Unconfined" };
    case "Localhost":
      return { type: "Localhost", path: descending(profile.localhostProfile ?? "", container.name) };
    default:
      throw invalid(container.name, `type: Unsupported value: ${JSON.stringify(profile?.type)}`);
  }
}

function descending(path: string, container: string): string {
  if (path === "")
    throw invalid(container, "localhostProfile: Required value: must be set when type is Localhost");
  if (path.startsWith("/") || path.split("/").includes("..") || path.includes("\0")) {
    throw invalid(
      container,
      `localhostProfile: Invalid value: ${JSON.stringify(path)}: must be a relative path without '..'`,
    );
  }
  return path;
}

function invalid(container: string, why: string): TspodError {
  return new TspodError({
    code: "TS3321",
    message: `container ${container}: securityContext.seccompProfile.${why}`,
    hint: "type is RuntimeDefault, Unconfined or Localhost",
    exitCode: 2,
  });
}
