import { seconds } from "../arguments.ts";
import { forEachPod } from "../each-pod.ts";
import { refuseLeftBehind } from "../left-behind.ts";
import { readManifests } from "../manifests.ts";
import { patiently } from "../patience.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";

interface Flags {
  filename?: string[];
  force?: boolean;
  gracePeriod?: number;
}

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "the manifest files the pods were started from; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .option("--force", "kill at once instead of stopping gracefully")
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .action(
      act(async (context, files: string[], flags: Flags) => {
        const all = [...files, ...(flags.filename ?? [])];
        const manifests = await readManifests(context, all, { nothingDone: "Nothing was removed." });
        const pods = await openPods(context);
        const present = new Map(
          pods.core
            .listPods(pods.host)
            .map(({ record }) => [`${record.namespace}/${record.name}`, record.uid]),
        );
        const uids: string[] = [];
        for (const { object } of manifests.pods) {
          const { namespace, name } = object.metadata;
          const uid = present.get(`${namespace}/${name}`);
          if (uid) uids.push(uid);
          else context.err(`pod "${name}" is not there\n`);
        }
        return forEachPod(context, pods, uids, async (view) => {
          const removal = pods.core.removePod(pods.host, view, {
            force: flags.force ?? false,
            ...(flags.gracePeriod === undefined ? {} : { graceSeconds: flags.gracePeriod }),
          });
          const graceSeconds = flags.force ? 0 : flags.gracePeriod;
          const left = await patiently(context, view, { graceSeconds }, removal);
          refuseLeftBehind(view, "removed", left);
          context.out(`pod "${view.record.name}" deleted\n`);
        });
      }),
    );
  examples(command, ["sudo tspod down pod.yaml", "remove what `tspod run -d pod.yaml` started"]);
};
