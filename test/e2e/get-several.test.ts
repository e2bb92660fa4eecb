import { expect, it } from "vitest";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("get shows several kinds, each in a table of its own, or all in one list", async () => {
  await tspod.ok(["create", "configmap", "page", "--from-literal=a=b"]);
  expect((await tspod.run(["get", "all"])).stderr).toBe("No resources found in default namespace.\n");
  await tspod.ok(["run", "-q", "-d", tspod.manifest(pod("web", [idle("app")]))]);
  const blocks = (await tspod.ok(["get", "cm,svc,pods"])).split("\n\n");
  expect(blocks).toEqual([
    expect.stringMatching(/^NAME +DATA +AGE\nconfigmap\/page +1 +\S+$/),
    expect.stringMatching(/^NAME +READY +STATUS .*\npod\/web +1\/1 +Running .*\n$/),
  ]);
  expect(await tspod.ok(["get", "all", "-A", "--no-headers"])).toMatch(/^default +pod\/web +1\/1 .*\n$/);
  expect(await tspod.ok(["get", "pod/web", "cm/page", "-o", "name"])).toBe("pod/web\nconfigmap/page\n");
  const list = JSON.parse(await tspod.ok(["get", "cm,pods", "-o", "json"]));
  expect(list.items.map(({ kind }: { kind: string }) => kind)).toEqual(["ConfigMap", "Pod"]);
  expect((await tspod.run(["get", "cm,pods", "-w"])).code).toBe(2);
  expect((await tspod.run(["get", "cm/page", "deploy/nope"])).code).toBe(4);
  await tspod.ok(["rm", "-f", "web"]);
  await tspod.ok(["delete", "cm", "page"]);
});
