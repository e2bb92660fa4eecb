import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import { eventually, type TspodRoot } from "../../support/tspod.ts";
import { idle } from "./pods.ts";

const VERSIONS: Record<string, string> = { Job: "batch/v1", CronJob: "batch/v1" };

/** A workload of the kind; what keeps pods running selects them by `app: NAME`. */
export function workload(kind: string, name: string, spec: object) {
  return { apiVersion: VERSIONS[kind] ?? "apps/v1", kind, metadata: { name }, spec };
}

/** Selector and template of pods that run until they are asked to end. */
export function lasting(name: string, container: Container = idle("c"), spec: Partial<PodSpec> = {}) {
  return {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 1, containers: [container], ...spec },
    },
  };
}

/** Several documents in one file. */
export const documents = (...objects: object[]): string =>
  objects.map((one) => JSON.stringify(one)).join("\n---\n");

export interface Seen {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string };
  // biome-ignore lint/suspicious/noExplicitAny: a document that tests look into
  spec: any;
  // biome-ignore lint/suspicious/noExplicitAny: a document that tests look into
  status: any;
}

export async function pods(tspod: TspodRoot): Promise<Seen[]> {
  return JSON.parse(await tspod.ok(["get", "pods", "-o", "json"])).items;
}

const isReady = ({ status, metadata }: Seen): boolean =>
  metadata.deletionTimestamp === undefined &&
  status.conditions.some(
    (one: { type: string; status: string }) => one.type === "Ready" && one.status === "True",
  );

/** Until exactly so many pods are there, all ready. */
export async function readyPods(tspod: TspodRoot, count: number): Promise<Seen[]> {
  return await eventually(
    async () => {
      const all = await pods(tspod);
      return all.length === count && all.every(isReady) ? all : undefined;
    },
    { what: `${count} ready pods` },
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a document that tests look into
export async function stored(tspod: TspodRoot, kind: string, name: string): Promise<any> {
  return JSON.parse(await tspod.ok(["get", kind, name, "-o", "json"]));
}

export const names = (all: readonly Seen[]): string[] => all.map(({ metadata }) => metadata.name).sort();
