import { existsSync } from "node:fs";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { seconds } from "../arguments.ts";
import type { Context } from "../context.ts";
import { forEachPod } from "../each-pod.ts";
import { refuseLeftBehind } from "../left-behind.ts";
import { namedObjects } from "../objects/kinds.ts";
import { patiently } from "../patience.ts";
import { examples, namespaceOf, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";

interface Flags {
  filename?: string[];
  force?: boolean;
  all?: boolean;
  allNamespaces?: boolean;
  ignoreNotFound?: boolean;
  gracePeriod?: number;
}

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "pods to remove; or configmap|secret|pvc NAME…")
    .option("-f, --force", "kill at once instead of stopping gracefully")
    .option("--filename <file...>", "everything these manifest files name, claims with their data too")
    .option("--all", "all pods of the namespace")
    .option("-A, --all-namespaces", "with --all: of every namespace")
    .option("--ignore-not-found", "a pod that is not there is no error")
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .action(
      act(async (context, names: string[], flags: Flags) => {
        const files = manifestsAmong(names, flags);
        if (files) return deleteFiles(context, files, flags);
        const objects = namedObjects(names);
        if (objects) return (await import("../objects/delete.ts")).deleteObjects(context, objects, flags);
        if (names.length === 0 && !flags.all) {
          throw new TspodError({
            code: "TS3406",
            message: "which pod?",
            hint: "name one or more, or say --all",
            exitCode: ExitCode.invalid,
          });
        }
        const pods = await openPods(context);
        const wanted = flags.all ? allUids() : names;
        if (wanted.length === 0) context.err("No resources found\n");
        return forEachPod(
          context,
          pods,
          wanted,
          async (view) => {
            const removal = pods.core.removePod(pods.host, view, {
              force: flags.force ?? false,
              ...(flags.gracePeriod === undefined ? {} : { graceSeconds: flags.gracePeriod }),
            });
            const graceSeconds = flags.force ? 0 : flags.gracePeriod;
            const left = await patiently(context, view, { graceSeconds }, removal);
            refuseLeftBehind(view, "removed", left);
            context.out(`pod "${view.record.name}" deleted\n`);
          },
          { ignoreNotFound: flags.ignoreNotFound ?? false },
        );

        function allUids(): string[] {
          return pods.core
            .listPods(pods.host)
            .filter(({ record }) => flags.allNamespaces || record.namespace === namespaceOf(context))
            .map(({ record }) => record.uid);
        }
      }),
    );
  examples(
    command,
    ["sudo tspod rm web", "stop gracefully, then remove everything it owned"],
    ["sudo tspod rm -f web", "kill at once"],
    ["sudo tspod rm --all", "all pods of the namespace"],
    ["sudo tspod delete deployment web", "a workload and its pods"],
    ["sudo tspod delete pvc data", "a claim and what is in it"],
    ["sudo tspod delete -f app.yaml", "everything that the file names, as kubectl does"],
  );
};

/**
 * The files of `delete -f app.yaml`: to kubectl, -f names files; to `rm`, it is force, which no pod called app.yaml would
 * need. Undefined when pods or objects are named.
 */
function manifestsAmong(names: readonly string[], { filename, force }: Flags): string[] | undefined {
  const isFile = (name: string) => name === "-" || (/\.(ya?ml|json)$/i.test(name) && existsSync(name));
  if (names.length > 0 && force && names.every(isFile)) return [...names, ...(filename ?? [])];
  return filename;
}

async function deleteFiles(
  context: Context,
  files: readonly string[],
  { gracePeriod }: Flags,
): Promise<number> {
  const [{ readForRemoval }, { takeAway }] = await Promise.all([
    import("../manifests.ts"),
    import("../workloads/take-away.ts"),
  ]);
  const manifests = await readForRemoval(context, files);
  return takeAway(context, await openPods(context), manifests, {
    objects: true,
    claims: true,
    ...(gracePeriod === undefined ? {} : { gracePeriod }),
  });
}
