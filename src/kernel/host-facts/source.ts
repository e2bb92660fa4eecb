import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Where facts are read from; tests give their own. */
export interface FactSource {
  /** Content of a file, or undefined. */
  read(path: string): string | undefined;
  /** The same, as bytes. */
  bytes(path: string): Buffer | undefined;
  /** Names in a folder, or none. */
  list(path: string): string[];
  exists(path: string): boolean;
}

/** The real host. */
export const hostSource: FactSource = {
  read: (path) => bytes(path)?.toString("utf8"),
  bytes,
  list(path) {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
  exists: existsSync,
};

function bytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
