import { expect } from "vitest";
import { idle, pod } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { capabilities } from "./support/capabilities.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const mapped = (name: string) =>
  node.running(
    pod(
      name,
      [idle("a", { ...v, securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }), idle("b", v)],
      {
        hostUsers: false,
        volumes: [{ name: "v", emptyDir: {} }],
      } as object,
    ),
  );
const [one, other] = [mapped("one"), mapped("other")];
/** What the pod's root is on the node, and how many ids it has. */
const range = async (play: typeof one) => {
  const [inside, outside, count] = (await (await play()).look("a", "cat /proc/self/uid_map"))
    .trim()
    .split(/\s+/);
  expect(inside).toBe("0");
  return { first: Number(outside), count: Number(count) };
};

behaviour(
  "userns-01",
  "with hostUsers false root in the pod is another user on the node",
  from.userNamespaces,
  async () => {
    expect(await (await one()).look("a", "id -u")).toBe("0\n");
    expect((await range(one)).first).toBeGreaterThanOrEqual(65_536);
  },
);

behaviour("userns-02", "a pod has 65536 ids, and none of another pod's", from.userNamespaces, async () => {
  const [a, b] = [await range(one), await range(other)];
  expect([a.count, b.count]).toEqual([65_536, 65_536]);
  expect(Math.abs(a.first - b.first)).toBeGreaterThanOrEqual(65_536);
});

behaviour("userns-03", "capabilities are of the pod's namespace only", from.userNamespaces, async () => {
  const pod = await one();
  const mask = (await pod.look("a", "grep CapEff /proc/self/status")).trim().split(/\s+/)[1] as string;
  expect(capabilities(mask)).toContain("SYS_ADMIN");
  await expect(pod.look("a", "echo 1 > /proc/sys/vm/drop_caches")).rejects.toThrow();
});

behaviour(
  "userns-04",
  "containers of a pod share the namespace, and see each other's files as their own",
  from.userNamespaces,
  async () => {
    const pod = await one();
    await pod.look("a", "touch /v/x; chown 1000:1000 /v/x");
    expect(await pod.look("b", "stat -c '%u:%g' /v/x /etc/passwd /v")).toBe("1000:1000\n0:0\n0:0\n");
    const [a, b] = [
      await pod.look("a", "readlink /proc/self/ns/user"),
      await pod.look("b", "readlink /proc/self/ns/user"),
    ];
    expect(a).toBe(b);
  },
);

behaviour("userns-05", "it excludes the node's namespaces", from.userNamespaces, async () => {
  const both = pod("both", [idle("a")], { hostUsers: false, hostPID: true } as object);
  expect(await node.refused(both)).toMatch(/hostUsers|hostPID/);
});
