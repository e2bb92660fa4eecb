import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** An editor that is a shell script; `$1` is the file. */
function editor(script: string): { env: Record<string, string> } {
  const path = join(tspod.dir, "editor");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { env: { EDITOR: path } };
}

const web = () => ({ ...pod("web", [idle("a")]), metadata: { name: "web", labels: { app: "web" } } });

describe("generate", () => {
  it("prints the manifest back, so that it makes the same pod again", async () => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "own" }, data: { a: "1" } };
    const using = {
      ...web(),
      spec: { ...web().spec, volumes: [{ name: "c", configMap: { name: "own" } }] },
    };
    const given = `${JSON.stringify(config)}\n---\n${JSON.stringify(using)}`;
    await tspod.ok(["run", "-d", tspod.manifest(given)]);
    const before = (await tspod.inspect("web")).spec;
    const text = await tspod.ok(["generate", "web"]);
    // The ConfigMap came with the file and is stored nowhere: it goes along.
    expect(text).toMatch(/^apiVersion: v1\nkind: ConfigMap\n(?:.*\n)*---\napiVersion: v1\nkind: Pod\n/u);
    expect(text).not.toMatch(/dnsPolicy|uid:|status:/);
    expect(await tspod.ok(["generate", "web", "--with-defaults"])).toContain("dnsPolicy: ClusterFirst");
    await tspod.ok(["rm", "-f", "web"]);
    await tspod.ok(["run", "-d", tspod.manifest(text)]);
    expect((await tspod.inspect("web")).spec).toEqual(before);
    expect(await tspod.ok(["generate", "web"])).toBe(text);
    await tspod.ok(["rm", "-f", "web"]);
  });
});

it("generate gives stored objects back as they were asked for, and apply has nothing to change", async () => {
  const template = (labels: object, policy: "Always" | "Never") => ({
    ...(Object.keys(labels).length > 0 ? { metadata: { labels } } : {}),
    spec: {
      ...(policy === "Never" ? { restartPolicy: policy } : {}),
      containers: [{ name: "a", image: "busybox", command: ["true"] }],
    },
  });
  const app = { app: "d" };
  const asked = [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { replicas: 0, selector: { matchLabels: app }, template: template(app, "Always") },
    },
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j" },
      spec: { suspend: true, template: template({}, "Never") },
    },
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "c" },
      spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: template({}, "Never") } } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { selector: app, ports: [{ port: 80 }] },
    },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "t" }, type: "Opaque", data: { a: "MQ==" } },
  ];
  await tspod.ok(["apply", "-f", ...asked.map((one) => tspod.manifest(one))]);
  const names = ["deployment/d", "job/j", "cronjob/c", "service/s", "secret/t"];
  for (const [index, name] of names.entries())
    expect([name, JSON.parse(await tspod.ok(["generate", name, "-o", "json"]))]).toEqual([
      name,
      asked[index],
    ]);
  const all = tspod.manifest(await tspod.ok(["generate", ...names]));
  expect((await tspod.ok(["apply", "-f", all])).match(/ unchanged\n/g)).toHaveLength(names.length);
  expect(await tspod.run(["diff", "-f", all])).toMatchObject({ code: 0, stdout: "" });
  const edited = await tspod.run(
    ["edit", "job/j"],
    editor("sed -i 's/suspend: true/suspend: false/' \"$1\""),
  );
  expect(edited).toMatchObject({ code: 0, stdout: "job.batch/j edited\n" });
  for (const name of names) await tspod.ok(["delete", name]);
  await tspod.run(["wait", "--for=delete", "pods", "--all", "--timeout=300s"]);
});

describe("diff", () => {
  it("shows what apply would change and changes nothing", async () => {
    const file = tspod.manifest(web());
    const fresh = await tspod.run(["diff", "-f", file]);
    expect(fresh.code).toBe(1);
    expect(fresh.stdout).toContain("+kind: Pod\n");
    await tspod.ok(["run", "-d", file]);
    expect(await tspod.run(["diff", "-f", file])).toMatchObject({ code: 0, stdout: "" });
    const other = tspod.manifest({ ...web(), metadata: { name: "web", labels: { app: "web", tier: "x" } } });
    const { code, stdout } = await tspod.run(["diff", "-f", other]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^diff -u -N LIVE\/v1.Pod.default.web MERGED\/v1.Pod.default.web\n--- .*\n\+\+\+ .*\n@@ .*\n(.*\n)*\+ {4}tier: x\n/,
    );
    expect((await tspod.inspect("web")).metadata.labels).toEqual({ app: "web" });
    const frozen = tspod.manifest({ ...web(), spec: { ...web().spec, hostNetwork: true } });
    const refused = await tspod.run(["diff", "-f", frozen]);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain("+  hostNetwork: true\n");
    expect(refused.stderr).toContain("pod updates may not change fields other than");
    await tspod.ok(["rm", "-f", "web"]);
  });

  it("does not show the values of a Secret", async () => {
    await tspod.ok(["create", "secret", "generic", "s", "--from-literal=a=hidden"]);
    const changed = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      type: "Opaque",
      data: { a: Buffer.from("other").toString("base64") },
    };
    const { code, stdout } = await tspod.run(["diff", "-f", tspod.manifest(changed)]);
    expect(code).toBe(1);
    expect(stdout).toContain("-  a: '*** (before)'\n+  a: '*** (after)'\n".replaceAll("'", '"'));
    await tspod.ok(["delete", "secret", "s"]);
  });
});

describe("edit", () => {
  it("applies what was changed in the editor", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(web())]);
    const seen = join(tspod.dir, "seen");
    const edited = await tspod.run(
      ["edit", "pod", "web"],
      editor(`cp "$1" ${seen}; sed -i 's/app: web/app: shop/' "$1"`),
    );
    expect(edited).toMatchObject({ code: 0, stdout: "pod/web edited\n" });
    expect(readFileSync(seen, "utf8")).toMatch(
      /^# Please edit the object below\. (?:.*\n)*apiVersion: v1\nkind: Pod\n/u,
    );
    expect((await tspod.inspect("web")).metadata.labels).toEqual({ app: "shop" });

    for (const [script, says] of [
      ["true", "Edit cancelled, no changes made.\n"],
      [': > "$1"', "Edit cancelled, saved file was empty.\n"],
      ["exit 3", "there was a problem with the editor"],
    ] as const)
      expect((await tspod.run(["edit", "pod/web"], editor(script))).stderr).toContain(says);
    await tspod.ok(["rm", "-f", "web"]);
  });

  it("opens the file again with what was wrong, and keeps a copy of what could not be saved", async () => {
    await tspod.ok(["create", "cm", "c", "--from-literal=k=1"]);
    const script = `grep '^# \\*' "$1" && { sed -i 's/bad key/good/' "$1"; exit; }; sed -i 's/ k:/ bad key:/' "$1"`;
    const mended = await tspod.run(["edit", "cm", "c"], editor(script));
    expect(mended.stderr).toMatch(/error: .*bad key/);
    expect(mended).toMatchObject({ code: 0 });
    expect(mended.stdout).toMatch(/configmap\/c edited\n$/);
    expect(JSON.parse(await tspod.ok(["get", "cm", "c", "-o", "json"])).data).toEqual({ good: "1" });

    const given = await tspod.run(
      ["edit", "cm", "c"],
      editor(`grep -q '^# \\*' "$1" || sed -i 's/name: c/name: d/' "$1"`),
    );
    expect(given.code).toBe(1);
    expect(given.stderr).toContain("At least one of apiVersion, kind and name was changed");
    const copy = /stored to "(.*)"/.exec(given.stderr)?.[1] ?? "";
    expect(readFileSync(copy, "utf8")).toContain("name: d");
    rmSync(dirname(copy), { recursive: true });
    await tspod.ok(["delete", "cm", "c"]);
  });
});
