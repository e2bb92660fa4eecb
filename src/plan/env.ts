import { TspodError } from "../errors/tspod-error.ts";
import type {
  ConfigMap,
  Container,
  EnvVar,
  FileKeySelector,
  Pod,
  ResourceRequirements,
  Secret,
} from "../manifest/index.ts";
import { expand, quantityInUnits } from "../manifest/index.ts";
import { valueInEnvFile } from "./env-file.ts";

/** What `valueFrom` can refer to. */
export interface EnvFacts {
  configMaps: readonly ConfigMap[];
  secrets: readonly Secret[];
  uid: string;
  podIP: string;
  hostIP: string;
  nodeName: string;
  /** What an unset limit stands for: the machine's own size (Kubernetes: node allocatable). */
  nodeCpuMilli: bigint;
  nodeMemoryBytes: bigint;
  nodeEphemeralBytes: bigint;
  /** The file at a path in an emptyDir of the pod; absent while nothing of the pod is there: then values are empty. */
  envFile?: (volume: string, path: string) => string | undefined;
}

/**
 * The variables of one container in Kubernetes' order: `envFrom` first, then `env`, later ones win; `$(NAME)` sees
 * those defined before it. (kubelet makeEnvironmentVariables.) The image's own variables come beneath, at the caller.
 */
export function containerEnv(pod: Pod, container: Container, facts: EnvFacts): Map<string, string> {
  const result = new Map<string, string>();
  const namespace = pod.metadata?.namespace ?? "default";
  for (const source of container.envFrom ?? []) {
    const prefix = source.prefix ?? "";
    if (source.configMapRef) {
      const data = findConfigMap(
        facts,
        namespace,
        source.configMapRef.name,
        source.configMapRef.optional,
      )?.data;
      for (const [key, value] of Object.entries(data ?? {})) result.set(prefix + key, value);
    }
    if (source.secretRef) {
      const data = findSecret(facts, namespace, source.secretRef.name, source.secretRef.optional)?.data;
      for (const [key, value] of Object.entries(data ?? {})) result.set(prefix + key, decode(value));
    }
  }
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, { pod, container, facts, namespace, before: result });
    if (value !== undefined) result.set(variable.name, value);
  }
  return result;
}

interface ValueContext {
  pod: Pod;
  container: Container;
  facts: EnvFacts;
  namespace: string;
  before: Map<string, string>;
}

function variableValue(variable: EnvVar, context: ValueContext): string | undefined {
  const { facts, namespace } = context;
  const from = variable.valueFrom;
  if (!from) return expand(variable.value ?? "", context.before);
  if (from.fieldRef) return fieldValue(from.fieldRef.fieldPath, context);
  if (from.resourceFieldRef) {
    const { containerName, resource, divisor } = from.resourceFieldRef;
    const spec = context.pod.spec;
    const container = containerName
      ? [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find((c) => c.name === containerName)
      : context.container;
    return resourceValue(resource, divisor ?? "0", container?.resources ?? {}, facts);
  }
  if (from.configMapKeyRef) {
    const { name, key, optional } = from.configMapKeyRef;
    const data = findConfigMap(facts, namespace, name, optional)?.data;
    const value = data?.[key];
    if (value === undefined && !optional) throw keyMissing(key, `ConfigMap ${namespace}/${name}`, data);
    return value;
  }
  if (from.secretKeyRef) {
    const { name, key, optional } = from.secretKeyRef;
    const data = findSecret(facts, namespace, name, optional)?.data;
    const value = data?.[key];
    if (value === undefined && !optional) throw keyMissing(key, `Secret ${namespace}/${name}`, data);
    return value === undefined ? undefined : decode(value);
  }
  if (from.fileKeyRef) return fileValue(from.fileKeyRef, context);
  throw configError(`env ${variable.name}: this kind of valueFrom is not supported yet`);
}

/** From a file that an earlier container has written (KEP-3721). The container need not mount the volume. */
function fileValue(
  { volumeName, path, key, optional }: FileKeySelector,
  { pod, facts }: ValueContext,
): string | undefined {
  if (!pod.spec?.volumes?.find(({ name }) => name === volumeName)?.emptyDir)
    throw configError(
      `fileKeyRef names volume ${JSON.stringify(volumeName)}, which is no emptyDir of the pod`,
      "",
    );
  if (path.startsWith("/") || path.split("/").includes(".."))
    throw configError(`fileKeyRef: path ${JSON.stringify(path)} must be relative and without ".."`, "");
  if (!facts.envFile) return "";
  const where = `environment variable file ${JSON.stringify(path)} of volume ${JSON.stringify(volumeName)}`;
  let value: string | undefined;
  try {
    const text = facts.envFile(volumeName, path);
    if (text === undefined && !optional) throw new Error("it is not there");
    value = text === undefined ? undefined : valueInEnvFile(text, key);
  } catch (error) {
    throw configError(
      `failed to read ${where}: ${(error as Error).message}`,
      "an init container has to write it",
    );
  }
  if (value === undefined && !optional)
    throw configError(`environment variable key ${JSON.stringify(key)} not found in ${where}`, "");
  return value;
}

/** The downward API's fields of a pod; the same list serves volumes. */
export function fieldValue(
  path: string,
  { pod, facts, namespace }: Omit<ValueContext, "before" | "container">,
): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript)
    return pod.metadata?.[subscript[1] as "labels" | "annotations"]?.[subscript[2] as string] ?? "";
  switch (path) {
    case "metadata.name":
      return pod.metadata?.name ?? "";
    case "metadata.namespace":
      return namespace;
    case "metadata.uid":
      return facts.uid;
    case "spec.nodeName":
      return facts.nodeName;
    case "spec.serviceAccountName":
      return pod.spec?.serviceAccountName ?? "default";
    case "status.hostIP":
    case "status.hostIPs":
      return facts.hostIP;
    case "status.podIP":
    case "status.podIPs":
      return facts.podIP;
    default:
      throw configError(`field path ${JSON.stringify(path)} is not one a variable can have`);
  }
}

/** A limit or request in units of the divisor, rounded up, as the downward API prints it. */
export function resourceValue(
  resource: string,
  divisor: string,
  resources: ResourceRequirements,
  facts: Pick<EnvFacts, "nodeCpuMilli" | "nodeMemoryBytes" | "nodeEphemeralBytes">,
): string {
  const [kind, name] = resource.split(".", 2) as ["limits" | "requests", string];
  const milli = name === "cpu";
  const set = resources[kind]?.[name];
  const node = {
    cpu: facts.nodeCpuMilli,
    memory: facts.nodeMemoryBytes,
    "ephemeral-storage": facts.nodeEphemeralBytes,
  };
  const unset = kind === "limits" ? (node[name as keyof typeof node] ?? 0n) : 0n;
  const value = set === undefined ? unset : quantityInUnits(set, milli ? "milli" : "one");
  const given = quantityInUnits(divisor, milli ? "milli" : "one");
  const unit = given === 0n ? (milli ? 1000n : 1n) : given;
  return ((value + unit - 1n) / unit).toString();
}

function findConfigMap(
  facts: EnvFacts,
  namespace: string,
  name = "",
  optional = false,
): ConfigMap | undefined {
  const found = facts.configMaps.find(
    (m) => m.metadata?.name === name && (m.metadata.namespace ?? "default") === namespace,
  );
  if (!found && !optional) throw configError(`configmap ${JSON.stringify(name)} not found`);
  return found;
}

function findSecret(facts: EnvFacts, namespace: string, name = "", optional = false): Secret | undefined {
  const found = facts.secrets.find(
    (s) => s.metadata?.name === name && (s.metadata.namespace ?? "default") === namespace,
  );
  if (!found && !optional) throw configError(`secret ${JSON.stringify(name)} not found`);
  return found;
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function keyMissing(key: string, where: string, data: Record<string, string> = {}): TspodError {
  const keys = Object.keys(data).join(", ") || "none";
  return configError(`couldn't find key ${key} in ${where}`, `its keys are: ${keys}`);
}

function configError(
  message: string,
  hint = "add it as another document of the file, or store it: `tspod apply -f FILE`",
): TspodError {
  return new TspodError({ code: "TS3201", message, ...(hint === "" ? {} : { hint }), exitCode: 2 });
}
