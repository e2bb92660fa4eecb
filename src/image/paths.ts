import { join } from "node:path";
import { splitDigest } from "./digest.ts";

/**
 * Where things are below tspod's library root (`/var/lib/tspod`). All folders are 0700: images hold setuid
 * programs.
 */
export class StorePaths {
  readonly images: string;
  readonly layers: string;

  constructor(libRoot: string) {
    this.images = join(libRoot, "images");
    this.layers = join(libRoot, "layers");
  }

  get index(): string {
    return join(this.images, "index.json");
  }

  get indexCopy(): string {
    return join(this.images, "index.copy.json");
  }

  get layoutMark(): string {
    return join(this.images, "oci-layout");
  }

  /** Blobs on their way in: `<hexadecimal digest>` while it is downloaded, `.new-…` while it is written. */
  get ingest(): string {
    return join(this.images, "ingest");
  }

  blob(digest: string): string {
    const { algorithm, hex } = splitDigest(digest);
    return join(this.images, "blobs", algorithm, hex);
  }

  /** The folder of an unpacked layer: `fs` and `layer.json`. It is there only when it is complete. */
  layer(chainId: string): string {
    return join(this.layers, splitDigest(chainId).hex);
  }

  layerFs(chainId: string): string {
    return join(this.layer(chainId), "fs");
  }

  /** Where a layer is unpacked. Whoever holds its flock does the work; after a crash the next one starts afresh. */
  partialLayer(chainId: string): string {
    return `${this.layer(chainId)}.partial`;
  }
}
