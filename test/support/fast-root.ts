import { type Command, type CommandOptions, TspodRoot } from "./tspod.ts";

/**
 * A tspod whose pods live so many times faster than clocks go. Every command has to know: those that print a status
 * count back-offs too, and the daemon has what the command that starts it has.
 */
export class FastRoot extends TspodRoot {
  readonly #speed: number;

  constructor(speed: number) {
    super();
    this.#speed = speed;
  }

  override start(args: string[], options: CommandOptions = {}): Command {
    return super.start(args, { ...options, env: { ...options.env, TSPOD_SPEED: String(this.#speed) } });
  }
}
