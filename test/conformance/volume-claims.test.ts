import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const claim = (name: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
});
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const withClaim = (name: string, script: string, more: object = {}) =>
  pod(name, [sh("a", script, v)], {
    volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data", ...more } }],
  });

behaviour("claim-01", "what a pod writes to a claim is there for the next pod", from.pv, async () => {
  const first = await node.ended(withClaim("first", "echo kept > /v/file"), { objects: [claim("data")] })();
  expect(first.code).toBe(0);
  await node.tspod.ok(["rm", "first"]);
  const second = await node.ended(withClaim("second", "cat /v/file"))();
  expect(second.printed("a")).toBe("kept\n");
});

behaviour("claim-02", "a claim that a pod mounts readOnly cannot be written", from.pv, async () => {
  const ran = await node.ended(withClaim("reader", "cat /v/file; touch /v/x", { readOnly: true }))();
  expect(ran.printed("a")).toBe("kept\n");
  expect(ran.printed("a", "stderr")).toContain("Read-only file system");
  expect(ran.code).toBe(1);
});

behaviour("claim-03", "a pod whose claim does not exist does not start", from.pv, async () => {
  const manifest = pod("lacks", [idle("a", v)], {
    volumes: [{ name: "v", persistentVolumeClaim: { claimName: "absent" } }],
  });
  expect(await node.refused(manifest)).toMatch(/persistentvolumeclaim "absent" not found/i);
});

behaviour("claim-04", "a claim in use is not removed from under its pod", from.pv, async () => {
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "data" } }];
  await node.running(pod("user", [idle("a", v)], { volumes }))();
  expect((await node.tspod.run(["delete", "pvc", "data"])).code).not.toBe(0);
  expect(await node.tspod.ok(["exec", "user", "--", "cat", "/v/file"])).toBe("kept\n");
  await node.tspod.ok(["rm", "-f", "user"]);
});

behaviour(
  "claim-05",
  "an ephemeral volume has a claim named after the pod, which goes with it",
  from.ephemeral,
  async () => {
    const { metadata: _, ...template } = claim("x");
    const volume = { name: "v", ephemeral: { volumeClaimTemplate: { spec: template.spec } } };
    await node.running(pod("owner", [idle("a", v)], { volumes: [volume] } as object))();
    expect(await node.tspod.ok(["get", "pvc"])).toMatch(/^owner-v /m);
    await node.tspod.ok(["exec", "owner", "--", "touch", "/v/file"]);
    await node.tspod.ok(["rm", "-f", "owner"]);
    expect(await node.tspod.ok(["get", "pvc"])).not.toMatch(/^owner-v /m);
  },
);

const images = node.running(
  pod(
    "images",
    [
      idle("a", {
        volumeMounts: [
          { name: "image", mountPath: "/image" },
          { name: "image", mountPath: "/part", subPath: "etc" },
        ],
      }),
    ],
    { volumes: [{ name: "image", image: { reference: "busybox", pullPolicy: "IfNotPresent" } }] },
  ),
);

behaviour(
  "claim-06",
  "an image volume shows an image's files, or with subPath a part",
  from.imageVolume,
  async () => {
    expect(
      await (await images()).look("a", "cmp /image/bin/busybox /bin/busybox && cat /part/passwd"),
    ).toContain("root:x:0:0");
  },
);

behaviour(
  "claim-07",
  "an image volume cannot be written, and nothing in it executed",
  from.imageVolume,
  async () => {
    await expect((await images()).look("a", "touch /image/x")).rejects.toThrow("Read-only file system");
    await expect((await images()).look("a", "/image/bin/busybox true")).rejects.toThrow("Permission denied");
  },
);

behaviour("claim-08", "a claim with ReadWriteOncePod is one pod's at a time", from.pv, async () => {
  const sole = claim("sole");
  sole.spec.accessModes = ["ReadWriteOncePod"];
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "sole" } }];
  await node.running(pod("holder", [idle("a", v)], { volumes }), { objects: [sole] })();
  const other = pod("other", [idle("a", v)], { volumes });
  expect(await node.refused(other)).toContain(
    'persistentvolumeclaim "sole" is in use by pod holder: its access mode is ReadWriteOncePod',
  );
  await node.tspod.ok(["stop", "holder"]);
  await node.running(other)();
  await node.tspod.ok(["rm", "-f", "holder", "other"]);
});

behaviour("claim-09", "of pods that ask for such a claim at the same time one gets it", from.pv, async () => {
  const sole = claim("wanted");
  sole.spec.accessModes = ["ReadWriteOncePod"];
  await node.tspod.ok(["apply", "-f", node.tspod.manifest(sole)]);
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "wanted" } }];
  const names = ["one", "two", "three", "four"];
  const outcomes = await Promise.all(
    names.map((name) =>
      node.tspod.run(["run", "-d", node.tspod.manifest(pod(name, [idle("a", v)], { volumes }))]),
    ),
  );
  const winner = names[outcomes.findIndex(({ code }) => code === 0)];
  const losers = outcomes.filter(({ code }) => code !== 0);
  expect(losers).toHaveLength(3);
  for (const { stderr } of losers)
    expect(stderr).toContain(`persistentvolumeclaim "wanted" is in use by pod `);
  const there = (await node.tspod.ok(["ps", "-o", "name"])).trim().split("\n");
  expect(there.filter((pod) => names.includes(pod.replace("pod/", "")))).toEqual([`pod/${winner}`]);
  await node.tspod.ok(["rm", "-f", `${winner}`]);
});
