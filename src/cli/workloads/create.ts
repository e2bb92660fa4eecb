import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import {
  applyWorkloadDefaults,
  type CronJobObject,
  singular,
  type WorkloadObject,
} from "../../manifest/index.ts";
import { parseManifests } from "../../manifest/parse.ts";
import { applyWorkload, jobFrom, readWorkload } from "../../workload/index.ts";
import type { Context } from "../context.ts";
import { namespaceOf, openPods, type Pods } from "../pods.ts";
import { structured } from "../render/structured.ts";
import { namedWorkloads } from "./named.ts";
import { tend } from "./tend.ts";

interface OutputFlags {
  dryRun?: string | boolean;
  output?: "json" | "yaml" | "name";
}

export interface DeploymentFlags extends OutputFlags {
  image: string[];
  replicas?: number;
  port?: number;
}

export interface JobFlags extends OutputFlags {
  image?: string;
  from?: string;
}

export interface CronJobFlags extends OutputFlags {
  image: string;
  schedule: string;
  restart: string;
}

/** `create deployment NAME --image=IMAGE… [-- COMMAND…]`: pods labelled `app: NAME`, as kubectl writes it. */
export async function createDeployment(
  context: Context,
  name: string,
  command: string[],
  flags: DeploymentFlags,
): Promise<number> {
  const labels = { app: name };
  const ports = flags.port === undefined ? {} : { ports: [{ containerPort: flags.port }] };
  const containers = flags.image.map((image, i) => ({
    name: containerName(image, flags.image.slice(0, i)),
    image,
    ...(command.length > 0 ? { command } : {}),
    ...ports,
  }));
  return create(context, flags, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(context, name, labels),
    spec: {
      replicas: flags.replicas ?? 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
}

/** `create job NAME --image=IMAGE [-- COMMAND…]`, or `--from=cronjob/NAME`: its next Job, now. */
export async function createJob(
  context: Context,
  name: string,
  command: string[],
  flags: JobFlags,
): Promise<number> {
  if ((flags.image === undefined) === (flags.from === undefined))
    throw usage("either --image or --from must be specified");
  if (flags.from === undefined)
    return create(context, flags, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: metadata(context, name),
      spec: { template: podOf(name, flags.image as string, command, "Never") },
    });
  const [from] = namedWorkloads([flags.from]);
  if (from?.kind !== "CronJob") throw usage(`--from takes a cronjob: cronjob/NAME`);
  const pods = await openPods(context);
  const cron: CronJobObject = readWorkload(pods.host, "CronJob", {
    namespace: namespaceOf(context),
    name: from.name,
  });
  return keep(context, flags, jobFrom(cron, name), pods);
}

/** `create cronjob NAME --image=IMAGE --schedule=… [-- COMMAND…]`. */
export async function createCronJob(
  context: Context,
  name: string,
  command: string[],
  { image, schedule, restart, ...flags }: CronJobFlags,
): Promise<number> {
  return create(context, flags, {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadata(context, name),
    spec: {
      schedule,
      jobTemplate: { metadata: { name }, spec: { template: podOf(name, image, command, restart) } },
    },
  });
}

const metadata = (context: Context, name: string, labels?: object) => ({
  name,
  namespace: namespaceOf(context),
  ...(labels ? { labels } : {}),
});

const podOf = (name: string, image: string, command: string[], restartPolicy: string) => ({
  spec: { containers: [{ name, image, ...(command.length > 0 ? { command } : {}) }], restartPolicy },
});

/** `registry/library/nginx:1.27` gives nginx, a second one nginx-2. */
function containerName(image: string, before: readonly string[]): string {
  const base = (one: string) =>
    (/([^/:@]+)([:@].*)?$/.exec(one)?.[1] ?? one).toLowerCase().replace(/[^-a-z0-9]/g, "-");
  const same = before.filter((other) => base(other) === base(image)).length;
  return same === 0 ? base(image) : `${base(image)}-${same + 1}`;
}

/** By the rules for manifests. */
async function create(context: Context, flags: OutputFlags, wanted: object): Promise<number> {
  const { objects, problems } = parseManifests([{ name: "command line", text: JSON.stringify(wanted) }]);
  const [found] = objects;
  if (!found || problems.length > 0)
    throw new TspodError({
      code: problems[0]?.code ?? "TS3435",
      message: problems.map(({ message }) => message).join("; "),
      hint: "nothing was created",
      exitCode: ExitCode.invalid,
    });
  return keep(context, flags, found.object as WorkloadObject);
}

async function keep(
  context: Context,
  flags: OutputFlags,
  object: WorkloadObject,
  opened?: Pods,
): Promise<number> {
  const shown = `${singular(object.kind)}/${object.metadata.name}`;
  const { dryRun, output } = flags;
  const pods = dryRun ? undefined : (opened ?? (await openPods(context)));
  if (pods) applyWorkload(pods.host, object, { create: true });
  if (output === undefined) context.out(`${shown} created${dryRun ? " (dry run)" : ""}\n`);
  else if (output === "name") context.out(`${shown}\n`);
  else context.out(await structured(applyWorkloadDefaults(object), output));
  if (pods) await tend(context, pods);
  return 0;
}

const usage = (message: string): TspodError =>
  new TspodError({
    code: "TS3487",
    message,
    hint: "tspod create job NAME --image=IMAGE -- COMMAND, or --from=cronjob/NAME",
    exitCode: ExitCode.invalid,
  });
