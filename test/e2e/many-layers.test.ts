import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeLayout } from "../support/image/make-image.ts";
import { END, tar } from "../support/image/tar.ts";
import { checkout, eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** The one layer of the embedded busybox, with as many on top as are missing, each with its number in a file all have. */
function imageOf(count: number): string {
  const folder = join(tspod.dir, `layers-${count}`);
  const layout = join(checkout, "dist/images/busybox");
  const blob = (digest: string) => readFileSync(join(layout, "blobs", digest.replace(":", "/")));
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  const manifest = JSON.parse(blob(index.manifests[0].digest).toString());
  const base = manifest.layers.map(({ digest }: { digest: string }) => blob(digest));
  const more = Array.from({ length: count - base.length }, (_, index) =>
    Buffer.concat([
      tar({ name: "all", type: "0", data: `${index}\n` }, { name: `only-${index}`, type: "0", data: "" }),
      END,
    ]),
  );
  makeLayout(folder, { layers: [...base, ...more] });
  return `oci:${folder}`;
}

it("runs an image of 120 layers, and shows it as a volume", async () => {
  const image = imageOf(120);
  const of = (root: string) => `cat ${root}/all; ls ${root}/ | grep -c only`;
  const look = `${of("")}; echo x > /all; cat /all; ${of("/image")}`;
  const app = sh("app", look, { image, volumeMounts: [{ name: "v", mountPath: "/image" }] });
  const volumes = [{ name: "v", image: { reference: image } }];
  // Unpacking takes most of it, on a busy machine.
  const patient = { timeoutMs: 150_000 };
  // With hostUsers: false each layer is mounted with the pod's ids before.
  for (const hostUsers of [true, false]) {
    const manifest = tspod.manifest(pod("p", [app], { volumes, hostUsers }));
    await tspod.ok(["run", "-q", "-d", manifest], patient);
    const logs = () => tspod.ok(["logs", "p"]);
    await eventually(async () => (await logs()) === "118\n119\nx\n118\n119\n");
    await tspod.ok(["rm", "-f", "p"]);
  }
});

it("says how many layers are too many", async () => {
  const image = imageOf(501);
  const refused = await tspod.run(["run", "-d", tspod.manifest(pod("p", [idle("app", { image })]))]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("501 layers: overlay stacks at most 500");
});
