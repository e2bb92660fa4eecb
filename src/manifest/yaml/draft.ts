import type { Span } from "./source-text.ts";

/** A change to a text: `text` takes the place of what stands in the span. Lines are neither added nor removed. */
export interface Repair extends Span {
  text: string;
  /** The value is a guess: nothing more is said of it. */
  doubtful?: true;
}

/**
 * A document's text while slips in it are repaired, so that what stands behind them is read in the same pass. Offsets
 * of the repaired text lead back to those of the original one.
 */
export class Draft {
  text: string;
  /** Lines were moved to where they may have been meant to be. */
  guessed = false;
  /** Where, in the original text, values stand that were guessed. */
  readonly doubtful: Span[] = [];
  private readonly edits: { at: number; removed: number; added: number }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  repair({ start, end, text, doubtful }: Repair): void {
    if (doubtful) this.doubtful.push({ start: this.origin(start), end: this.origin(end) });
    this.text = this.text.slice(0, start) + text + this.text.slice(end);
    this.edits.push({ at: start, removed: end - start, added: text.length });
  }

  /** The offset in the original text; of what was added, where it was added. */
  origin(offset: number): number {
    let origin = offset;
    for (const { at, removed, added } of this.edits.toReversed())
      if (origin >= at + added) origin += removed - added;
      else if (origin > at) origin = at + Math.min(origin - at, removed);
    return origin;
  }
}
