import type { ImageStore } from "./store.ts";

/** A store for one piece of work: what it makes ready stays there until `release`. */
export interface HoldingStore extends ImageStore {
  /**
   * To be called as soon as records name the images that are used, or none of them is to be used: nothing can be removed
   * from the store before.
   */
  release(): void;
}

/** The kernel releases what a process that dies has not. */
export function holding(images: ImageStore): HoldingStore {
  const holds: (() => void)[] = [];
  return {
    ...images,
    ensure: (ref, options) =>
      images.ensure(ref, { ...options, onHold: (release) => void holds.push(release) }),
    release: () => {
      for (const release of holds.splice(0)) release();
    },
  };
}
