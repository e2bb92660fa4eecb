import { eventually, type TspodRoot } from "../../support/tspod.ts";
import { type ApiObject, statusOf } from "./api-object.ts";

/** A pod that lives on in the background. */
export class RunningPod {
  readonly tspod: TspodRoot;
  readonly name: string;

  constructor(tspod: TspodRoot, name: string) {
    this.tspod = tspod;
    this.name = name;
  }

  /** The pod as `get -o json` prints it. */
  async get(): Promise<ApiObject> {
    return JSON.parse(await this.tspod.ok(["get", "pod", this.name, "-o", "json"]));
  }

  /** What a shell script prints that is run in a container. Throws, with stderr, unless it ends with 0. */
  async look(container: string, script: string): Promise<string> {
    return await this.tspod.ok(["exec", "-c", container, this.name, "--", "sh", "-c", script]);
  }

  async logs(container: string, ...flags: string[]): Promise<string> {
    return await this.tspod.ok(["logs", "-c", container, this.name, ...flags]);
  }

  /** NAME, READY, STATUS and RESTARTS as `get pods` shows them; RESTARTS without its "(3s ago)". */
  async row(): Promise<string[]> {
    const row = await this.tspod.ok(["get", "pods", "--no-headers", this.name]);
    const cells = row.trim().split(/ {2,}/).slice(0, 4);
    return cells.map((cell) => cell.replace(/ \(.*/, ""));
  }

  /** The first version of the pod for which `matches` holds. */
  async until(matches: (pod: ApiObject) => boolean): Promise<ApiObject> {
    const look = async () => {
      const pod = await this.get();
      return matches(pod) && pod;
    };
    return await eventually(look, { what: `pod ${this.name}: ${matches}` });
  }

  /** The status of one container, of whatever kind. */
  async status(container: string): Promise<ApiObject> {
    return statusOf(await this.get(), container);
  }

  /** The first version of the pod for which `matches` holds of a container's status. */
  async untilContainer(container: string, matches: (status: ApiObject) => boolean): Promise<ApiObject> {
    return statusOf(await this.until((pod) => matches(statusOf(pod, container))), container);
  }

  /** The pod's events, oldest first, as `REASON message`. */
  async events(): Promise<string[]> {
    const list: ApiObject = JSON.parse(await this.tspod.ok(["events", this.name, "-o", "json"]));
    return list.items.map(({ reason, message }: ApiObject) => `${reason} ${message}`);
  }

  /** Stops the pod in its own time. */
  async stop(...flags: string[]): Promise<void> {
    await this.tspod.ok(["stop", this.name, ...flags]);
  }
}
