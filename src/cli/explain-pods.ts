import type { ExplainedPod } from "../pod/index.ts";
import { chooseContainer } from "./container-choice.ts";
import type { Context } from "./context.ts";
import { loadCore } from "./core.ts";
import { type Manifests, noPods, readManifests } from "./manifests.ts";
import { explainText } from "./render/explain-text.ts";

export interface ExplainFlags {
  container?: string;
  brief?: boolean;
  output: "text" | "json" | "shell" | "oci";
}

/** `tspod explain`: the very operations that `run` would carry out here and now, in words or as data. */
export async function explainCommand(
  context: Context,
  files: string[],
  flags: ExplainFlags,
): Promise<number> {
  const manifests = await readManifests(context, files, { nothingDone: "Nothing to explain." });
  const templates = await podsOfTemplates(manifests);
  const all = [...manifests.pods.map((manifest) => ({ manifest, claims: [] })), ...templates];
  if (all.length === 0) throw noPods(files);
  const [host, core] = await Promise.all([context.host(), loadCore()]);
  const explained: { manifest: Manifests["pods"][number]; plan: ExplainedPod }[] = [];
  for (const { manifest, claims } of all) {
    const plan = await core.explainPod(host, {
      pod: manifest.object,
      configMaps: manifests.configMaps,
      secrets: manifests.secrets,
      claims: [...manifests.claims, ...claims],
      source: manifest.source.file,
    });
    for (const warning of plan.warnings) context.warn(warning);
    explained.push({ manifest, plan: onlyContainer(manifest.object, plan, flags.container) });
  }
  switch (flags.output) {
    case "text":
      for (const { manifest, plan } of explained) {
        context.out(
          explainText(manifest.object, plan, { brief: flags.brief ?? false, style: context.outStyle }),
        );
      }
      break;
    case "json": {
      const { stringifyOps } = await import("../plan/op-json.ts");
      const pods = explained.map(({ manifest, plan: { sandbox, containers } }) => ({
        pod: manifest.object.metadata.name,
        sandbox,
        containers,
      }));
      context.out(`${stringifyOps(pods.length === 1 ? pods[0] : pods, 2)}\n`);
      break;
    }
    case "shell": {
      const { explainShell } = await import("./render/explain-shell.ts");
      for (const { manifest, plan } of explained) context.out(explainShell(manifest.object, plan));
      break;
    }
    case "oci": {
      const { ociConfigs } = await import("./render/explain-oci.ts");
      const configs = Object.assign({}, ...explained.map(({ plan }) => ociConfigs(plan)));
      const names = Object.keys(configs);
      const value = names.length === 1 ? configs[names[0] as string] : configs;
      context.out(
        `${JSON.stringify(value, (_, item) => (typeof item === "bigint" ? Number(item) : item), 2)}\n`,
      );
    }
  }
  return 0;
}

interface Template {
  manifest: Manifests["pods"][number];
  claims: Manifests["claims"];
}

/** The first pod of each workload, which stands for all. */
async function podsOfTemplates({ workloads }: Manifests): Promise<Template[]> {
  if (workloads.length === 0) return [];
  const { examplePod } = await import("../workload/example-pod.ts");
  return workloads.flatMap(({ object, source }): Template[] => {
    const prefix = object.kind === "CronJob" ? "spec.jobTemplate.spec.template." : "spec.template.";
    const example = examplePod(object);
    if (!example) return [];
    const position = (path: string) => source.position(prefix + path);
    const { pod, claims } = example;
    return [{ manifest: { kind: "Pod", object: pod, source: { file: source.file, position } }, claims }];
  });
}

function onlyContainer(
  pod: Manifests["pods"][number]["object"],
  plan: ExplainedPod,
  wanted: string | undefined,
): ExplainedPod {
  if (wanted === undefined) return plan;
  const { container } = chooseContainer(pod, wanted);
  return { ...plan, sandbox: [], containers: plan.containers.filter(({ name }) => name === container) };
}
