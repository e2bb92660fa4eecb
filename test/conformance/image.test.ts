import { join } from "node:path";
import { expect } from "vitest";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { imageWith } from "./support/image.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const file = join(node.tspod.dir, "image");
const image = imageWith(file, { Env: ["PATH=/usr/bin:/bin", "FROM=image"] });
const policy = async (reference: string) => {
  const { imagePullPolicy: _, ...container } = sh("a", "true", { image: reference });
  const manifest = node.tspod.manifest(pod("p", [container]));
  const document = JSON.parse(await node.tspod.ok(["validate", "-o", "json", manifest]));
  const { spec } = document.items?.[0] ?? document;
  return spec.containers[0].imagePullPolicy;
};

behaviour(
  "image-01",
  "without a policy, images tagged latest or not at all are asked for always",
  from.images,
  async () => {
    expect([await policy("app"), await policy("app:latest")]).toEqual(["Always", "Always"]);
  },
);

behaviour(
  "image-02",
  "images with another tag or a digest only if they are not there",
  from.images,
  async () => {
    const digest = `app@sha256:${"0".repeat(64)}`;
    expect([await policy("app:v1"), await policy(digest)]).toEqual(["IfNotPresent", "IfNotPresent"]);
  },
);

behaviour(
  "image-03",
  "with policy Never an image has to be there: it is not asked for",
  from.images,
  async () => {
    const never = { image: "localhost:1/nowhere:v1", imagePullPolicy: "Never" };
    const said = await node.refused(pod("never", [sh("a", "true", never)]));
    expect(said).toContain("localhost:1/nowhere:v1");
    expect(said).toMatch(/not present with pull policy of Never/i);
  },
);

behaviour("image-04", "with policy Never an image that is there is used", from.images, async () => {
  await node.tspod.ok(["image", "load", image, "--name", "here:v1"]);
  const ran = await node.ended(
    pod("here", [sh("a", "echo $FROM", { image: "here:v1", imagePullPolicy: "Never" })]),
  )();
  expect(ran.printed("a")).toBe("image\n");
});

behaviour(
  "image-05",
  "an image that cannot be pulled keeps the pod from starting, and says why",
  from.images,
  async () => {
    const said = await node.refused(pod("gone", [sh("a", "true", { image: "127.0.0.1:1/nowhere:v1" })]));
    expect(said).toContain("127.0.0.1:1/nowhere:v1");
    expect(said).toMatch(/connect|refused/i);
  },
);

behaviour("image-06", "a reference that is none is refused", from.images, async () => {
  expect(await node.refused(pod("bad", [sh("a", "true", { image: "UPPER/case:v1" })]))).toMatch(
    /InvalidImageName|invalid reference|image/,
  );
});
