import { timerMs } from "../handler/deadline.ts";

/**
 * When the turns of one probe come: every `period`, and at once when one is asked for. As Go's ticker: a turn that comes
 * while the last is still being taken waits, and there is never more than one that waits.
 */
export class Turns {
  readonly #period: number;
  /** performance.now() of the turn that periods are counted from. */
  #anchor: number;
  #next: number;
  #asked = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /** `age`: how long (ms) ago the first period has begun; turns missed since then are not made up for. */
  constructor(period: number, age: number) {
    this.#period = Math.max(period, 1);
    this.#anchor = performance.now() - Math.max(age, 0);
    this.#next = this.#after(performance.now());
  }

  /** The next turn; false when there will be none. */
  async taken(): Promise<boolean> {
    while (!this.#stopped) {
      const now = performance.now();
      if (this.#asked) {
        this.#asked = false;
        this.#anchor = now;
        this.#next = now + this.#period;
        return true;
      }
      if (now >= this.#next) {
        this.#next = this.#after(now);
        return true;
      }
      await this.#sleep(this.#next - now);
    }
    return false;
  }

  /** A turn now, from which the periods are counted anew. */
  ask(): void {
    this.#asked = true;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #after(now: number): number {
    return this.#anchor + (Math.floor((now - this.#anchor) / this.#period) + 1) * this.#period;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        clearTimeout(this.#timer);
        this.#wake = undefined;
        resolve();
      };
      this.#timer = setTimeout(this.#wake, timerMs(ms));
    });
  }
}
