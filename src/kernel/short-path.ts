import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";

/**
 * Another name of a socket, for as long as `use` takes: the address of one has room for 107 bytes (unix(7)), and a longer path
 * would be cut without a word. Throws ENOENT when its folder is not there.
 */
export async function withShortPath<T>(socket: string, use: (address: string) => Promise<T>): Promise<T> {
  const folder = openSync(dirname(socket), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(`/proc/self/fd/${folder}/${basename(socket)}`);
  } finally {
    closeSync(folder);
  }
}
