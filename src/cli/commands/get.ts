import { commaSeparated } from "../arguments.ts";
import { type ListFlags, listCommand } from "../list-pods.ts";
import { namedObjects } from "../objects/kinds.ts";
import { severalKinds, unknownKind, usage } from "../objects/several.ts";
import { examples, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { OUTPUT_FORMATS, outputFormat } from "../render/output.ts";

export const define: Define = (command, act) => {
  command
    .argument(
      "<kind>",
      "pods (po), deployments (deploy), replicasets (rs), statefulsets (sts), daemonsets (ds), jobs, cronjobs (cj), services (svc), configmaps (cm), secrets, persistentvolumeclaims (pvc), events (ev); several with commas, or all; or KIND/NAME",
    )
    .argument("[pods...]", "only these")
    .option("-A, --all-namespaces", "pods of all namespaces")
    .option("-w, --watch", "go on printing changes")
    .option("-l, --selector <labels>", "only pods with these labels")
    .option("--ignore-not-found", "what is named and not there is no error")
    .option("--no-headers", "without the first line")
    .option("--sort-by <path>", "in the order of a field: .metadata.creationTimestamp")
    .option("--show-labels", "with a column of the labels")
    .option("-L, --label-columns <keys>", "with a column for each of these labels: app,tier", commaSeparated)
    .option("--field-selector <fields>", "only those with these fields: status.phase=Running")
    .option("-o, --output <format>", OUTPUT_FORMATS, outputFormat)
    .action(
      act(async (context, kind: string, names: string[], flags: ListFlags) => {
        if (/^(events?|ev)$/i.test(kind)) {
          if (names.length > 0)
            throw usage("events have no names to choose by", `tspod events --for ${names[0]}`);
          return (await import("../events/get.ts")).getEvents(context, flags);
        }
        const several = severalKinds([kind, ...names]);
        if (several) {
          if (flags.watch) throw usage("you may only specify a single resource type", "one kind for -w");
          return (await import("../objects/get-several.ts")).getSeveral(context, several, flags);
        }
        const objects = namedObjects([kind, ...names]);
        if (objects) return (await import("../objects/get.ts")).getObjects(context, objects, flags);
        if (!/^(pods?|po)(\/.+)?$/i.test(kind)) throw unknownKind(kind);
        return listCommand(context, withoutKind([kind, ...names]), { ...flags, all: true });
      }),
    );
  examples(
    command,
    ["sudo tspod get pods", "all pods, ended ones too"],
    ["sudo tspod get all", "pods, workloads and services"],
    ["sudo tspod get deploy,cm", "two kinds"],
    ["sudo tspod get pod web -o yaml", "the manifest with its status"],
    ["sudo tspod get pod web -o jsonpath='{.status.podIP}'", "one field of it"],
    ["sudo tspod get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP", "columns of one's own"],
    ["sudo tspod get configmap web -o yaml", "a ConfigMap that create or apply has stored"],
  );
};
