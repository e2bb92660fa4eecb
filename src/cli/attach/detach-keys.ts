const CTRL_P = 0x10;
const CTRL_Q = 0x11;

/** Finds Ctrl-P Ctrl-Q in what is typed: it lets go of the container, and is not passed on. */
export class DetachKeys {
  #held = false;

  /** What is to be passed on; `detach` once the keys were typed. */
  take(typed: Buffer): { pass: Buffer; detach: boolean } {
    const pass: number[] = [];
    for (const byte of typed) {
      if (this.#held && byte === CTRL_Q) return { pass: Buffer.from(pass), detach: true };
      // The one that was held back was meant for the container after all.
      if (this.#held) pass.push(CTRL_P);
      this.#held = byte === CTRL_P;
      if (!this.#held) pass.push(byte);
    }
    return { pass: Buffer.from(pass), detach: false };
  }
}
