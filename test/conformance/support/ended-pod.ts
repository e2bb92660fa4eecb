import type { Outcome, TspodRoot } from "../../support/tspod.ts";
import { type ApiObject, statusOf } from "./api-object.ts";
import { ContainerOutput } from "./output.ts";

/** A pod that a foreground `run` has brought to its end. */
export class EndedPod {
  readonly #tspod: TspodRoot;
  readonly #name: string;
  readonly #outcome: Outcome;

  constructor(tspod: TspodRoot, name: string, outcome: Outcome) {
    this.#tspod = tspod;
    this.#name = name;
    this.#outcome = outcome;
  }

  /** The exit code of `run`. */
  get code(): number | null {
    return this.#outcome.code;
  }

  /** What a container printed, `\n` after each line. */
  printed(container: string, stream: "stdout" | "stderr" = "stdout"): string {
    return new ContainerOutput(this.#outcome[stream]).of(container);
  }

  /** The pod as `get -o json` prints it. */
  async get(): Promise<ApiObject> {
    return JSON.parse(await this.#tspod.ok(["get", "pod", this.#name, "-o", "json"]));
  }

  /** The status of a container, of whatever kind. */
  async status(container: string): Promise<ApiObject> {
    return statusOf(await this.get(), container);
  }

  /** NAME, READY, STATUS and RESTARTS as `get pods` shows them. */
  async row(): Promise<string[]> {
    const row = await this.#tspod.ok(["get", "pods", "--no-headers", this.#name]);
    return row.trim().split(/ {2,}/).slice(0, 4);
  }
}
