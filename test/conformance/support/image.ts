import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeLayout } from "../../support/image/make-image.ts";
import { checkout } from "../../support/tspod.ts";

/** The embedded busybox with another configuration, as `image` of a container. `folder` is made. */
export function imageWith(folder: string, config: object): string {
  const layout = join(checkout, "dist/images/busybox");
  const blob = (digest: string) => readFileSync(join(layout, "blobs", digest.replace(":", "/")));
  const json = (bytes: Buffer) => JSON.parse(bytes.toString("utf8"));
  const [entry] = json(readFileSync(join(layout, "index.json"))).manifests;
  const layers = json(blob(entry.digest)).layers.map(({ digest }: { digest: string }) => blob(digest));
  makeLayout(folder, { layers, config, name: "v1" });
  return `oci:${folder}:v1`;
}
