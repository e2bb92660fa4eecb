/** SGR colours by number; no library, for it would cost more than it does. */
export type Colour = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "bold" | "dim";

const CODES: Record<Colour, [number, number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  bold: [1, 22],
  dim: [2, 22],
};

/** Paints text, or leaves it as it is when colours are off. */
export type Style = (colour: Colour, text: string) => string;

export const plain: Style = (_, text) => text;

export const painted: Style = (colour, text) =>
  `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`;

export type ColorMode = "auto" | "always" | "never";

/**
 * https://no-color.org: any value that is not empty switches colours off, unless they are asked for on the command
 * line.
 */
export function styleFor(mode: ColorMode, stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Style {
  if (mode === "always") return painted;
  if (mode === "never" || env.NO_COLOR || env.TERM === "dumb") return plain;
  return stream.isTTY ? painted : plain;
}

const NAME_COLOURS: Colour[] = ["cyan", "green", "yellow", "magenta", "blue", "red"];

/** The colour of the n-th name of a list. */
export function nameColour(index: number): Colour {
  return NAME_COLOURS[index % NAME_COLOURS.length] as Colour;
}
