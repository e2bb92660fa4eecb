import { existsSync } from "node:fs";
import { Option } from "commander";
import { seconds } from "../arguments.ts";
import type { Context } from "../context.ts";
import { forEachPod } from "../each-pod.ts";
import { namedObjects } from "../objects/kinds.ts";
import { severalKinds } from "../objects/several.ts";
import { examples, openPods, type Pods } from "../pods.ts";
import type { Define } from "../registry.ts";
import { removeOne } from "../remove-pod.ts";
import { type WhichPods, whichPods } from "../which-pods.ts";

interface Flags extends WhichPods {
  cascade?: "background" | "foreground" | "orphan";
  filename?: string[];
  force?: boolean;
  ignoreNotFound?: boolean;
  gracePeriod?: number;
  now?: boolean;
}

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "pods to remove; or KIND NAME…, KIND/NAME…, KIND,KIND, all")
    .option("-f, --force", "kill at once instead of stopping gracefully")
    .option("--filename <file...>", "everything these manifest files name, claims with their data too")
    .option("--all", "all pods of the namespace")
    .option("-l, --selector <labels>", "only pods with these labels")
    .option("-A, --all-namespaces", "with --all or -l: of every namespace")
    .option("--ignore-not-found", "a pod that is not there is no error")
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .addOption(new Option("--now", "the same as --grace-period 1").implies({ gracePeriod: 1 }))
    .addOption(
      new Option(
        "--cascade <how>",
        "of workloads: orphan leaves their pods running; the others take them along",
      )
        .choices(["background", "foreground", "orphan"])
        .default("background"),
    )
    .action(
      act(async (context, names: string[], flags: Flags) => {
        const pods = await openPods(context);
        const files = manifestsAmong(pods, names, flags);
        if (files) return deleteFiles(context, pods, files, flags);
        const several = isPodCalledAll(pods, names, flags) ? undefined : severalKinds(names, "rm");
        if (several)
          return (await import("../objects/delete.ts")).deleteSeveral(context, pods, several, flags);
        const objects = namedObjects(names);
        if (objects)
          return (await import("../objects/delete.ts")).deleteObjects(context, pods, objects, flags);
        const { ignoreNotFound = false } = flags;
        const wanted = whichPods(context, pods, names, flags);
        return forEachPod(context, pods, wanted, (view) => removeOne(context, pods, view, flags), {
          ignoreNotFound,
        });
      }),
    );
  examples(
    command,
    ["sudo tspod rm web", "stop gracefully, then remove everything it owned"],
    ["sudo tspod rm -f web", "kill at once"],
    ["sudo tspod rm --all", "all pods of the namespace"],
    ["sudo tspod rm -l app=web", "all pods with a label"],
    ["sudo tspod delete deployment web", "a workload and its pods"],
    ["sudo tspod delete rs web --cascade=orphan", "without its pods, which live on"],
    ["sudo tspod delete all --all", "pods, workloads and services of the namespace"],
    ["sudo tspod delete pvc data", "a claim and what is in it"],
    ["sudo tspod delete -f app.yaml", "everything that the file names, as kubectl does"],
  );
};

/** Without --all or labels the category would be no order to remove anything. */
function isPodCalledAll({ core, host }: Pods, names: readonly string[], { all, selector }: Flags): boolean {
  if (all || selector !== undefined || names.join(" ") !== "all") return false;
  return core.listPods(host).some(({ record }) => record.name === "all");
}

/**
 * The files of `delete -f app.yaml`: to kubectl, -f names files; to `rm`, it is force, which no pod called app.yaml would
 * need. Undefined when pods or objects are named.
 */
function manifestsAmong(
  { core, host }: Pods,
  names: readonly string[],
  { filename, force }: Flags,
): string[] | undefined {
  const isPod = (name: string) => core.listPods(host).some(({ record }) => record.name === name);
  const isFile = (name: string) =>
    name === "-" || (/[/.](ya?ml|json)?$/i.test(name) ? existsSync(name) || !isPod(name) : false);
  if (names.length > 0 && force && names.every(isFile)) return [...names, ...(filename ?? [])];
  return filename;
}

async function deleteFiles(
  context: Context,
  pods: Pods,
  files: readonly string[],
  { gracePeriod, cascade }: Flags,
): Promise<number> {
  const [{ readForRemoval }, { takeAway }] = await Promise.all([
    import("../manifests.ts"),
    import("../workloads/take-away.ts"),
  ]);
  const manifests = await readForRemoval(context, files);
  return takeAway(context, pods, manifests, {
    objects: true,
    claims: true,
    ...(cascade === undefined ? {} : { cascade }),
    ...(gracePeriod === undefined ? {} : { gracePeriod }),
  });
}
