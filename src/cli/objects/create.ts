import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { parseManifests } from "../../manifest/parse.ts";
import type { PlainObject } from "../../pod/index.ts";
import type { Context } from "../context.ts";
import { namespaceOf, openPods } from "../pods.ts";
import { structured } from "../render/structured.ts";
import { store } from "./apply.ts";
import { type RegistryFlags, registryConfig } from "./registry-config.ts";
import { readSources, type SourceFlags } from "./sources.ts";

export interface CreateFlags extends SourceFlags {
  type?: string;
  dryRun?: string | boolean;
  output?: "json" | "yaml" | "name";
}

/** `create configmap NAME` and `create secret generic NAME`. */
export async function createObject(
  context: Context,
  kind: "ConfigMap" | "Secret",
  name: string,
  flags: CreateFlags,
): Promise<number> {
  const content = readSources(flags, process.env);
  return createChecked(context, flags, {
    apiVersion: "v1",
    kind,
    metadata: { name, namespace: namespaceOf(context) },
    ...(kind === "ConfigMap" ? configMapContent(content) : secretContent(content, flags.type ?? "Opaque")),
  });
}

/** `create secret docker-registry NAME`: what imagePullSecrets can name. */
export async function createRegistrySecret(
  context: Context,
  name: string,
  flags: RegistryFlags,
): Promise<number> {
  const content = new Map([[".dockerconfigjson", registryConfig(flags)]]);
  return createChecked(context, flags, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: namespaceOf(context) },
    ...secretContent(content, "kubernetes.io/dockerconfigjson"),
  });
}

async function createChecked(context: Context, flags: CreateFlags, wanted: object): Promise<number> {
  const object = checked(wanted);
  const { kind, metadata } = object;
  const { dryRun, output } = flags;
  const shown = `${kind.toLowerCase()}/${metadata.name}`;
  const quiet = output === undefined ? context : { ...context, out: () => {} };
  if (!dryRun) store(quiet, await openPods(context), object, { create: true });
  else if (output === undefined) context.out(`${shown} created (dry run)\n`);
  if (output === "name") context.out(`${shown}\n`);
  else if (output !== undefined) context.out(await structured(object, output));
  return 0;
}

function secretContent(content: ReadonlyMap<string, Buffer>, type: string) {
  const data = Object.fromEntries([...content].map(([key, bytes]) => [key, bytes.toString("base64")]));
  return { type, data };
}

/** Text where it is text; the rest in base64. */
function configMapContent(content: ReadonlyMap<string, Buffer>) {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [key, bytes] of content) {
    const text = bytes.toString("utf8");
    if (Buffer.from(text).equals(bytes)) data[key] = text;
    else binaryData[key] = bytes.toString("base64");
  }
  return {
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
  };
}

/** By the rules for manifests. */
function checked(object: object): PlainObject {
  const { objects, problems } = parseManifests([{ name: "command line", text: JSON.stringify(object) }]);
  const [found] = objects;
  if ((found?.kind === "ConfigMap" || found?.kind === "Secret") && problems.length === 0) return found.object;
  throw new TspodError({
    code: problems[0]?.code ?? "TS3435",
    message: problems.map(({ message }) => message).join("; "),
    hint: "nothing was created",
    exitCode: ExitCode.invalid,
  });
}
