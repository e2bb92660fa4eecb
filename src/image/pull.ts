import { codeOf } from "../errors/errno.ts";
import { TspodError } from "../errors/tspod-error.ts";
import { bringIn } from "./bring-in.ts";
import { imageError } from "./errors.ts";
import type { OnProgress } from "./progress.ts";
import type { ImageRecord } from "./records.ts";
import { formatReference, parseReference } from "./reference.ts";
import { connect } from "./registry/connect.ts";
import { type DockerConfig, readDockerConfigs } from "./registry/credentials.ts";
import { registryOrigin } from "./registry/origin.ts";
import type { StoreContext } from "./store.ts";

export interface PullOptions {
  /** Of the pod's imagePullSecrets, in their order. */
  pullSecrets?: DockerConfig[];
  /** The whole reference it gets, when it is not the one it is pulled by. */
  as?: string;
  onProgress?: OnProgress;
}

/**
 * Pulls an image from its registry (or a mirror of it) into the store, in the kubelet's words. Throws TS6004 to
 * TS6006.
 */
export async function pullImage(
  context: StoreContext,
  ref: string,
  options: PullOptions = {},
): Promise<ImageRecord> {
  const { onProgress } = options;
  const reference = parseReference(ref, context.shortNames);
  const name = options.as ?? formatReference(reference);
  const began = performance.now();
  onProgress?.({ kind: "pulling", ref: name, message: `Pulling image "${ref}"` });
  const sessions = await connect({
    reference,
    config: context.registries,
    secrets: options.pullSecrets ?? [],
    own: readDockerConfigs(),
  });
  const failures: unknown[] = [];
  for (const session of sessions) {
    try {
      const origin = registryOrigin(context, session, reference, context.retry);
      const record = await bringIn(context, origin, {
        ref: name,
        source: "registry",
        unpack: true,
        ...(onProgress && { onProgress }),
      });
      const milliseconds = Math.round(performance.now() - began);
      const took = `${(milliseconds / 1000).toFixed(3)}s`;
      onProgress?.({
        kind: "pulled",
        ref: name,
        digest: record.manifest.digest,
        milliseconds,
        message: `Successfully pulled image "${ref}" in ${took}`,
      });
      return record;
    } catch (error) {
      failures.push(error);
      if (session !== sessions.at(-1))
        onProgress?.({
          kind: "warning",
          ref: name,
          message: `mirror ${session.host}: ${(error as Error).message}; trying the next`,
        });
    }
  }
  throw pullError(ref, failures.at(-1) as Error);
}

/** What went wrong keeps its code; what came from the network gets one. */
function pullError(ref: string, cause: Error): TspodError {
  const prefix = `Failed to pull image "${ref}": `;
  if (cause instanceof TspodError)
    return new TspodError({
      code: cause.code,
      message: `${prefix}${cause.message}`,
      exitCode: cause.exitCode,
      ...(cause.hint !== undefined && { hint: cause.hint }),
      cause,
    });
  const hint = wayOut(codeOf(cause) ?? "");
  return imageError("pullFailed", `${prefix}${cause.message}`, { cause, ...(hint && { hint }) });
}

const WAYS_OUT: Record<string, string> = {
  ECONNREFUSED: "nothing listens at that address: check the registry's port, or start it",
  ENOTFOUND: "check the registry's name and this machine's network",
  EAI_AGAIN: "check the registry's name and this machine's network",
  ETIMEDOUT: "check this machine's network and its proxy (HTTPS_PROXY)",
  EHOSTUNREACH: "check this machine's network and its proxy (HTTPS_PROXY)",
  ENETUNREACH: "check this machine's network and its proxy (HTTPS_PROXY)",
  ECONNRESET: "try again: what has come is kept",
};

function wayOut(code: string): string | undefined {
  return /CERT|SIGN|ISSUER/.test(code)
    ? "give the registry's authority as caFile in /etc/tspod/registries.json, or in /etc/docker/certs.d/HOST/ca.crt"
    : WAYS_OUT[code];
}
