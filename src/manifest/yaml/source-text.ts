/** A stretch of a text, by offset; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A manifest's text with its lines. Lines and columns start at 1. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  private readonly starts: number[] = [0];

  constructor(name: string, text: string) {
    this.name = name;
    // A byte order mark would shift the columns of the first line.
    this.text = text.startsWith("\ufeff") ? text.slice(1) : text;
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1))
      this.starts.push(at + 1);
  }

  get lineCount(): number {
    return this.starts.length;
  }

  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] as number) + 1 };
  }

  offsetOf(line: number, column: number): number {
    return (this.starts[line - 1] ?? this.text.length) + column - 1;
  }

  /** The text of a line, without its end; "" beyond the last. */
  line(number: number): string {
    const start = this.starts[number - 1];
    if (start === undefined) return "";
    return this.text.slice(start, this.starts[number] ?? this.text.length).replace(/\r?\n$/, "");
  }

  slice({ start, end }: Span): string {
    return this.text.slice(start, end);
  }
}
