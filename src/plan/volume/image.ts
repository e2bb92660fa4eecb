import { join } from "node:path";
import { overlayLayers } from "../root-mounts.ts";
import type { PlanVolume } from "./planned.ts";

/** The files of an image, read-only and not to be executed (KEP-4639), straight from its unpacked layers. */
export const planImage: PlanVolume<"image"> = (name, { reference = "" }, input) => {
  const path = join(input.directory, `image~${name}`);
  // An overlay cannot be idmapped, its layers can.
  const mapped = input.pod.spec?.hostUsers === false;
  // Only a plan that nobody carries out lacks them: explain's, or of a restart in a sandbox that has the mount.
  const layers = input.imageLayers.get(reference) ?? [`<layers of ${reference}>`];
  return {
    ops: [
      { op: "mkdir", path, mode: 0o755 },
      // Without an upper layer overlay wants two: for one, the mount point itself is an empty one at the bottom.
      {
        op: "mount-overlay",
        target: path,
        lowers: overlayLayers(layers.length > 1 ? layers : [...layers, path]),
        mapped,
      },
    ],
    volume: { name, path, readOnly: true, createSubPath: false, shown: mapped },
  };
};
