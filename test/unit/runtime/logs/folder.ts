import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogSource } from "../../../../src/runtime/logs/index.ts";

/** A folder of logs that is written as the monitor writes it. */
export class LogFolder {
  readonly directory = mkdtempSync(join(tmpdir(), "tspod-logs-"));
  readonly source: LogSource = { directory: this.directory, name: "0.log" };
  #clock = 0;

  get path(): string {
    return join(this.directory, "0.log");
  }

  /** A file that is no log of the folder's. */
  get other(): string {
    return join(this.directory, "other");
  }

  /** One line for each text; a text that ends in `…` is a partial piece. */
  write(...texts: string[]): void {
    appendFileSync(this.path, texts.map((text) => this.line(text)).join(""));
  }

  line(text: string, stream = "stdout"): string {
    const time = `2026-01-01T00:00:00.${String(this.#clock++).padStart(9, "0")}Z`;
    const partial = text.endsWith("…");
    return `${time} ${stream} ${partial ? "P" : "F"} ${partial ? text.slice(0, -1) : text}\n`;
  }

  append(raw: string | Uint8Array): void {
    appendFileSync(this.path, raw);
  }

  /** 0.log becomes 0.log.1, 0.log.1 becomes 0.log.2 …; an empty 0.log begins unless `half`. */
  rotate({ keep = 5, half = false } = {}): void {
    for (let number = keep; number >= 1; number--) {
      const from = number === 1 ? this.path : `${this.path}.${number - 1}`;
      try {
        if (number === keep) rmSync(`${this.path}.${keep}`, { force: true });
        renameSync(from, `${this.path}.${number}`);
      } catch {
        // Not that many files yet.
      }
    }
    if (!half) writeFileSync(this.path, "");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
