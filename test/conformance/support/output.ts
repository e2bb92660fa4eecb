/** The output of a foreground `run`, in which each line begins with its container's name: `web | listening`. */
export class ContainerOutput {
  readonly #lines = new Map<string, string[]>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      const found = /^ *(\S+) +\| ?(.*)$/.exec(line);
      if (!found) continue;
      const [, container = "", content = ""] = found;
      this.#lines.set(container, [...(this.#lines.get(container) ?? []), content]);
    }
  }

  /** What one container printed, with `\n` after each line; empty if nothing. */
  of(container: string): string {
    return (this.#lines.get(container) ?? []).map((line) => `${line}\n`).join("");
  }
}
