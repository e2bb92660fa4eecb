import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { PlainObject } from "../../pod/index.ts";
import type { Context } from "../context.ts";
import { readManifests } from "../manifests.ts";
import { openPods, type Pods } from "../pods.ts";

/** `apply -f FILE…`: ConfigMaps, Secrets and claims. */
export async function applyFiles(context: Context, files: readonly string[]): Promise<number> {
  const manifests = await readManifests(context, files, { nothingDone: "Nothing was applied." });
  const [pod] = manifests.pods;
  if (pod) {
    throw new TspodError({
      code: "TS3436",
      message: `${pod.source.file} holds pod "${pod.object.metadata.name}": apply for pods comes with a later version. Nothing was applied.`,
      hint: `\`tspod run -d ${pod.source.file}\` starts it; keep ConfigMaps, Secrets and claims to apply in a file of their own`,
      exitCode: ExitCode.invalid,
      position: pod.source.position("kind"),
    });
  }
  const pods = await openPods(context);
  for (const object of [...manifests.configMaps, ...manifests.secrets, ...manifests.claims])
    store(context, pods, object);
  return 0;
}

/** Stores one object and says what became of it and of the volumes that show it. */
export function store(
  context: Context,
  { host, core }: Pods,
  object: PlainObject,
  options: { create?: boolean } = {},
): void {
  const wanted = context.global.namespace;
  if (wanted !== undefined && object.metadata.namespace === "default") object.metadata.namespace = wanted;
  const { what, volumes, failures } = core.applyObject(host, object, options);
  context.out(`${object.kind.toLowerCase()}/${object.metadata.name} ${what}\n`);
  for (const { pod, volume } of volumes) context.err(`pod ${pod}: volume ${volume} has the new content\n`);
  for (const { pod, volume, message } of failures)
    context.warn(`pod ${pod}: volume ${volume} keeps its content: ${message}`);
}
