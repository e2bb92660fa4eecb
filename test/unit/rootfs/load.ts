/** A module of rootfs/, which is plain JavaScript: it runs before anything is built. */
// biome-ignore lint/suspicious/noExplicitAny: it has no types
export async function load(path: string): Promise<any> {
  return await import(new URL(`../../../rootfs/${path}`, import.meta.url).href);
}
