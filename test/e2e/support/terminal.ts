import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { markVariable } from "../../support/leak/processes.ts";
import { eventually, type TspodRoot, tspodBinary } from "../../support/tspod.ts";

const program = join(import.meta.dirname, "terminal.py");

/** A command on a terminal of its own, and what a person at it sees and types. */
export class Terminal {
  shown = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  /** `command` is a shell's; `$TSPOD` in it is tspod with its root. */
  constructor(tspod: TspodRoot, command: string, { rows = 24, columns = 80 } = {}) {
    this.#child = spawn("python3", [program, String(rows), String(columns), "sh", "-c", command], {
      env: {
        PATH: process.env.PATH ?? "",
        TERM: "xterm",
        TSPOD: `${tspodBinary} --root ${tspod.dir}`,
        [markVariable]: tspod.dir,
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.shown += text;
    });
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  type(text: string): void {
    this.#tell({ send: text });
  }

  resize(rows: number, columns: number): void {
    this.#tell({ resize: [rows, columns] });
  }

  /** The terminal goes away, as when its window is closed. */
  hangUp(): void {
    this.#tell({ hangup: true });
  }

  async shows(pattern: RegExp): Promise<string> {
    return await eventually(() => pattern.exec(this.shown)?.[0], {
      what: `a terminal that shows ${pattern}`,
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it shows:\n${this.shown}`);
    });
  }

  /** The command's exit code. */
  async ended(): Promise<number | null> {
    return await this.#ended;
  }

  #tell(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}
