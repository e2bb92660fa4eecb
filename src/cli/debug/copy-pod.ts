import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { PodView } from "../../pod/view.ts";
import type { Context } from "../context.ts";
import { createRequest } from "../create-request.ts";
import { startDaemon } from "../daemon-start.ts";
import type { Manifests } from "../manifests.ts";
import type { Pods } from "../pods.ts";
import { splitImages } from "../set/changes.ts";
import { type DebugFlags, debugContainer } from "./container.ts";
import { copyOf, type Kept } from "./copy.ts";

export interface CopyFlags {
  copyTo?: string;
  setImage?: string[];
  replace?: boolean;
  shareProcesses?: boolean;
  keepLabels?: boolean;
  keepAnnotations?: boolean;
  keepLiveness?: boolean;
  keepReadiness?: boolean;
  keepStartup?: boolean;
}

interface Wanted extends Omit<DebugFlags, "container">, CopyFlags {
  /** Of the copy. */
  name: string;
  container: string;
  command: readonly string[];
}

/** Makes a copy of a pod, with a container more or another command in one of its own. */
export async function debugCopy(
  context: Context,
  pods: Pods,
  view: PodView,
  wanted: Wanted,
): Promise<PodView> {
  const { record } = view;
  const { container, command, image } = wanted;
  const there = record.pod.spec?.containers.some(({ name }) => name === container) ?? false;
  if (!there && !image && !wanted.setImage) throw nothingToDo();
  const pod = copyOf(record, {
    name: wanted.name,
    ...(there
      ? {
          existing: {
            name: container,
            command,
            stdin: wanted.stdin ?? false,
            tty: wanted.tty ?? false,
            ...(image ? { image } : {}),
          },
        }
      : image
        ? { container: debugContainer(record.pod, container, command, { ...wanted, container }) }
        : {}),
    images: wanted.setImage ? splitImages(wanted.setImage).images : new Map(),
    shareProcesses: wanted.shareProcesses ?? true,
    keep: keptOf(wanted),
  });
  if (wanted.replace) await pods.core.removePod(pods.host, view);
  return make(context, pods, view, pod);
}

function keptOf(flags: CopyFlags): Set<Kept> {
  const all: [Kept, boolean | undefined][] = [
    ["labels", flags.keepLabels],
    ["annotations", flags.keepAnnotations],
    ["livenessProbe", flags.keepLiveness],
    ["readinessProbe", flags.keepReadiness],
    ["startupProbe", flags.keepStartup],
  ];
  return new Set(all.flatMap(([what, wanted]) => (wanted ? [what] : [])));
}

async function make(
  context: Context,
  pods: Pods,
  { record }: PodView,
  pod: ReturnType<typeof copyOf>,
): Promise<PodView> {
  const { configMaps, secrets, claims = [], source } = record;
  const place = (field?: string) => ({ file: source, line: 1, column: 1, ...(field ? { field } : {}) });
  const manifests = { configMaps, secrets, claims } as unknown as Manifests;
  const manifest = { kind: "Pod" as const, object: pod, source: { file: source, position: place } };
  const request = createRequest(context, manifests, manifest, {});
  const session = await pods.core.createPod(pods.host, { ...request, foreground: false });
  session.detach();
  await startDaemon(pods.host);
  return session.view();
}

function nothingToDo(): TspodError {
  return new TspodError({
    code: "TS3497",
    message: "you must specify an existing container or a new image when using --copy-to.",
    hint: "-c CONTAINER -- COMMAND, --image=IMAGE or --set-image=CONTAINER=IMAGE",
    exitCode: ExitCode.invalid,
  });
}
