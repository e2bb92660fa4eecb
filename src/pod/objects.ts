import { hasCode } from "../errors/errno.ts";
import type { ConfigMap, Container, PersistentVolumeClaim, Pod, Secret, Volume } from "../manifest/index.ts";
import { type ReferredKind, type ReferredObject, readObject } from "../state/objects.ts";
import type { Paths } from "../state/paths.ts";

interface Given {
  configMaps: ConfigMap[];
  secrets: Secret[];
  claims?: PersistentVolumeClaim[];
}

/**
 * What a pod can name: the objects of its own files, and of the stored ones those it names that its files do not
 * have.
 */
export function withStored(
  paths: Paths,
  pod: Pod,
  { configMaps, secrets, claims = [] }: Given,
): Required<Given> {
  const namespace = pod.metadata?.namespace ?? "default";
  const missing = <K extends ReferredKind>(kind: K, own: readonly (ConfigMap | Secret)[]) =>
    namesOf(pod, kind)
      .filter((name) => !own.some(({ metadata }) => isCalled(metadata, { namespace, name })))
      .flatMap((name) => stored(paths, kind, { namespace, name }) ?? []);
  return {
    configMaps: [...configMaps, ...missing("ConfigMap", configMaps)] as ConfigMap[],
    secrets: [...secrets, ...missing("Secret", secrets)] as Secret[],
    claims: [...claims, ...missing("PersistentVolumeClaim", claims)] as PersistentVolumeClaim[],
  };
}

export function isCalled(
  metadata: { namespace?: string; name?: string } | undefined,
  wanted: { namespace: string; name: string },
): boolean {
  return metadata?.name === wanted.name && (metadata.namespace ?? "default") === wanted.namespace;
}

/** Without root the store is out of reach: `explain` then knows of the files' objects only. */
function stored(
  paths: Paths,
  kind: ReferredKind,
  at: { namespace: string; name: string },
): ReferredObject | undefined {
  try {
    return readObject(paths, kind, at);
  } catch (error) {
    if (hasCode(error, "EACCES")) return undefined;
    throw error;
  }
}

/** The names of the objects of a kind that a pod refers to, each once. */
export function namesOf(pod: Pod, kind: ReferredKind): string[] {
  const {
    initContainers = [],
    containers = [],
    volumes = [],
    imagePullSecrets = [],
  } = pod.spec ?? { containers: [] };
  const names = [
    ...(kind === "Secret" ? imagePullSecrets.map(({ name }) => name) : []),
    ...volumes.flatMap((volume) => NAMES_IN_VOLUME[kind](volume, pod)),
    ...(kind === "PersistentVolumeClaim"
      ? []
      : [...initContainers, ...containers].flatMap((one) => namesInEnv(one, kind))),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

const NAMES_IN_VOLUME: Record<ReferredKind, (volume: Volume, pod: Pod) => (string | undefined)[]> = {
  ConfigMap: ({ configMap, projected }) => [
    configMap?.name,
    ...(projected?.sources ?? []).map((source) => source.configMap?.name),
  ],
  Secret: ({ secret, projected }) => [
    secret?.secretName,
    ...(projected?.sources ?? []).map((source) => source.secret?.name),
  ],
  PersistentVolumeClaim: ({ name, persistentVolumeClaim, ephemeral }, pod) => [
    persistentVolumeClaim?.claimName,
    ephemeral && `${pod.metadata?.name}-${name}`,
  ],
};

function namesInEnv(
  { env = [], envFrom = [] }: Container,
  kind: "ConfigMap" | "Secret",
): (string | undefined)[] {
  return kind === "ConfigMap"
    ? [
        ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
        ...envFrom.map(({ configMapRef }) => configMapRef?.name),
      ]
    : [
        ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
        ...envFrom.map(({ secretRef }) => secretRef?.name),
      ];
}
