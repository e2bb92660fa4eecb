import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import { idle } from "../../e2e/support/pods.ts";
import { eventually, type Outcome } from "../../support/tspod.ts";
import type { ApiObject } from "./api-object.ts";
import type { Kubelet } from "./kubelet.ts";

/** A container whose text changes with `version`, and nothing else. */
export const version = (text: string): Container => ({
  ...idle("a"),
  env: [{ name: "VERSION", value: text }],
});

/** What a cluster's users do with workloads, on one node. */
export class Workloads {
  readonly #node: Kubelet;

  constructor(node: Kubelet) {
    this.#node = node;
  }

  /** The file of a Job whose pods have this container. */
  job(name: string, container: Container, spec: object = {}, pod: Partial<PodSpec> = {}): string {
    const template = {
      spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [container], ...pod },
    };
    return this.file("batch/v1", "Job", name, { ...spec, template });
  }

  /** The file of a Deployment, ReplicaSet, StatefulSet or DaemonSet whose pods run until they are asked to end. */
  set(kind: string, name: string, spec: object = {}, pod: Partial<PodSpec> = {}): string {
    const template = {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 1, containers: [idle("a")], ...pod },
    };
    return this.file("apps/v1", kind, name, { selector: { matchLabels: { app: name } }, template, ...spec });
  }

  file(apiVersion: string, kind: string, name: string, spec: object): string {
    return this.#node.tspod.manifest({ apiVersion, kind, metadata: { name }, spec });
  }

  async run(...flags: string[]): Promise<Outcome> {
    return await this.#node.tspod.run(["run", ...flags]);
  }

  async ok(...words: string[]): Promise<string> {
    return await this.#node.tspod.ok(words);
  }

  async get(kind: string, name: string): Promise<ApiObject> {
    return JSON.parse(await this.ok("get", kind, name, "-o", "json"));
  }

  /** Oldest name first. */
  async pods(selector: string): Promise<ApiObject[]> {
    const { items } = JSON.parse(await this.ok("get", "pods", "-l", selector, "-o", "json"));
    return items.toSorted((a: ApiObject, b: ApiObject) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Once so many of them are ready. */
  async whenReady(selector: string, count: number): Promise<ApiObject[]> {
    return await eventually(
      async () => {
        const found = (await this.pods(selector)).filter(isReady);
        return found.length === count && found;
      },
      { what: `${count} ready pods of ${selector}` },
    );
  }

  /** The object, once its status says so. */
  async when(kind: string, name: string, is: (status: ApiObject) => boolean): Promise<ApiObject> {
    return await eventually(
      async () => {
        const found = await this.get(kind, name);
        return found.status !== undefined && is(found.status) && found;
      },
      { what: `${kind} ${name} as it is to be` },
    );
  }

  /** The Job, once it has one of the two conditions. */
  async finished(name: string): Promise<ApiObject> {
    return await this.when("job", name, (status) =>
      ["Complete", "Failed"].some((type) => condition({ status }, type) !== undefined),
    );
  }
}

const isReady = ({ status }: ApiObject): boolean => condition({ status }, "Ready") !== undefined;

/** The condition of this type, if it is met. */
export const condition = ({ status }: { status: ApiObject }, type: string): ApiObject | undefined =>
  status.conditions?.find((one: ApiObject) => one.type === type && one.status === "True");
