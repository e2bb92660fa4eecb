import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** A pod whose labels and annotations its container can read as files. */
function shown(name: string): Pod {
  const items = ["labels", "annotations"].map((field) => ({
    path: field,
    fieldRef: { fieldPath: `metadata.${field}` },
  }));
  const made = pod(name, [idle("a", { volumeMounts: [{ name: "info", mountPath: "/info" }] })], {
    volumes: [{ name: "info", downwardAPI: { items } }],
  });
  return { ...made, metadata: { name, labels: { app: "web" } } };
}

const read = (field: string) => tspod.ok(["exec", "p", "--", "cat", `/info/${field}`]);

describe("label and annotate", () => {
  it("change what the pod and its downwardAPI volumes say", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(shown("p"))]);
    expect(await tspod.ok(["label", "pod", "p", "tier=front"])).toBe("pod/p labeled\n");
    expect(await read("labels")).toBe('app="web"\ntier="front"');
    expect(await tspod.ok(["get", "pods", "-l", "tier=front", "-o", "name"])).toBe("pod/p\n");

    const refused = await tspod.run(["label", "pod/p", "tier=back", "more=1"]);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain("'tier' already has a value (front), and --overwrite is false");
    expect(await read("labels")).not.toContain("more");
    expect(await tspod.ok(["label", "--overwrite", "pod/p", "tier=back", "app-", "--list"])).toBe(
      "pod/p labeled\ntier=back\n",
    );
    expect(await read("labels")).toBe('tier="back"');
    expect(await tspod.run(["label", "pod", "p", "nope-"])).toMatchObject({
      code: 0,
      stdout: "pod/p not labeled\n",
      stderr: 'label "nope" not found.\n',
    });

    expect(await tspod.ok(["annotate", "p", "owner=me and you"])).toBe("pod/p annotated\n");
    expect(await read("annotations")).toBe('owner="me and you"');
    expect(await tspod.ok(["annotate", "pods", "--all", "owner-"])).toBe("pod/p annotated\n");
    expect((await tspod.inspect("p")).metadata.annotations).toBeUndefined();
    await tspod.ok(["rm", "-f", "p"]);
  });

  it("lose no change when several commands make one at once", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(shown("p"))]);
    await Promise.all([1, 2, 3, 4].map((n) => tspod.ok(["label", "pod", "p", `n${n}=${n}`])));
    expect((await tspod.inspect("p")).metadata.labels).toEqual({
      app: "web",
      n1: "1",
      n2: "2",
      n3: "3",
      n4: "4",
    });
    expect(await read("labels")).toBe('app="web"\nn1="1"\nn2="2"\nn3="3"\nn4="4"');
    await tspod.ok(["rm", "-f", "p"]);
  });

  it("change stored objects, and nothing with --dry-run", async () => {
    await tspod.ok(["create", "configmap", "site", "--from-literal=a=b"]);
    expect(await tspod.ok(["label", "cm", "site", "env=test"])).toBe("configmap/site labeled\n");
    expect(await tspod.ok(["label", "cm", "-l", "env=test", "env=prod", "--overwrite", "--dry-run"])).toBe(
      "configmap/site labeled (dry run)\n",
    );
    const object = JSON.parse(await tspod.ok(["get", "cm", "site", "-o", "json"]));
    expect(object).toMatchObject({ metadata: { labels: { env: "test" } }, data: { a: "b" } });
    await tspod.ok(["delete", "cm", "site"]);
  });

  it("say what is wrong", async () => {
    for (const [args, code, text] of [
      [["pod", "gone", "a=b"], 4, 'pod "gone" not found'],
      [["pod", "a=b"], 2, "resource(s) were provided, but no name was specified"],
      [["pod", "x", "--all", "a=b"], 2, "cannot set --all and name a resource"],
      [["pod", "x"], 2, "at least one label update is required"],
      [["cm", "gone", "a=b"], 4, 'configmaps "gone" not found'],
    ] as const) {
      const outcome = await tspod.run(["label", ...args]);
      expect([args, outcome.code]).toEqual([args, code]);
      expect(outcome.stderr).toContain(text);
    }
  });
});
