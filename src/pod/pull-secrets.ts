import type { DockerConfig } from "../image/registry/credentials.ts";
import type { Pod, Secret } from "../manifest/index.ts";
import { isCalled } from "./objects.ts";

/** The keys that hold registries' credentials, by the type of secret; one of another type holds none. */
const KEYS: Record<string, string> = {
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
  "kubernetes.io/dockercfg": ".dockercfg",
};

export interface PullSecrets {
  /** In the order in which the pod names them. */
  configs: DockerConfig[];
  warnings: string[];
}

/**
 * The credentials of a pod's imagePullSecrets. As with the kubelet, one that cannot be had is said and the pull is
 * tried all the same: the image may be public.
 */
export function pullSecretsOf(pod: Pod, secrets: readonly Secret[]): PullSecrets {
  const names = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => name || []);
  const namespace = pod.metadata?.namespace ?? "default";
  const configs: DockerConfig[] = [];
  const missing: string[] = [];
  const warnings: string[] = [];
  for (const name of names) {
    const secret = secrets.find(({ metadata }) => isCalled(metadata, { namespace, name }));
    const config = secret && configOf(secret);
    if (secret === undefined) missing.push(name);
    else if (config === undefined) warnings.push(unusable(name, secret));
    else configs.push(config);
  }
  if (missing.length > 0)
    warnings.unshift(
      `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`,
    );
  return { configs, warnings };
}

function configOf({ type = "", data = {} }: Secret): DockerConfig | undefined {
  const text = data[KEYS[type] ?? ""];
  if (text === undefined) return undefined;
  const json = objectOf(Buffer.from(text, "base64").toString("utf8"));
  // The older type holds what the newer one has below "auths".
  return type === "kubernetes.io/dockercfg" && json ? { auths: json as DockerConfig["auths"] & {} } : json;
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function unusable(name: string, { type = "Opaque" }: Secret): string {
  return `image pull secret ${JSON.stringify(name)} has no registry's credentials that can be read: it is of type ${type}; create one with \`tspod create secret docker-registry\``;
}
