import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tspodBinary } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const fixture = (name: string) => join(import.meta.dirname, "manifests", name);

/** A fresh folder with these files in it. */
function folderOf(files: Record<string, string | object>): string {
  const folder = mkdtempSync(join(tspod.dir, "folder-"));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return folder;
}

const config = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: {} });

describe("the article's file (S8)", () => {
  it("verbatim is told where the list is out of line, and where it belongs", async () => {
    const file = fixture("a0-ghost.yaml");
    const { code, stdout, stderr } = await tspod.run(["run", "-d", file]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(`error[TS1103]: bad indentation of a mapping entry (YAML)
  --> ${file}:22:4
  21 |     volumes:
  22 |    - name: nginx-config
     |    ^ this list item is indented 3 spaces; "volumes:" above starts at column 5
  help: "volumes" belongs to spec (2 spaces), next to "containers", not inside a container
error[TS1000]: 1 error in ${file}. Nothing was created.
`);
  });

  it("half repaired is told all that is left, at once", async () => {
    const lines = readFileSync(fixture("a0-ghost.yaml"), "utf8").split("\n");
    const repaired = [
      ...lines.slice(0, 21),
      "    - name: nginx-config",
      "      configMap:",
      "        name: nginx-config",
    ];
    const file = tspod.manifest(`${repaired.join("\n")}\n`);
    const { code, stderr } = await tspod.run(["run", "-d", file]);
    expect(code).toBe(2);
    const said = stderr.split("\n").filter((line) => /^error|^ {2}-->/.test(line));
    expect(said).toEqual([
      'error[TS2001]: spec.containers[0].ports[0]: unknown field "volumeMounts" — did you mean spec.containers[0].volumeMounts?',
      `  --> ${file}:15:7`,
      'error[TS2001]: spec.containers[0].ports[1]: unknown fields "mountPath", "readOnly" — this looks like a volumeMounts item; missing required field "containerPort"',
      `  --> ${file}:16:7`,
      'error[TS2001]: spec.containers[1]: unknown field "volumes" — did you mean spec.volumes?',
      `  --> ${file}:21:5`,
      `error[TS1000]: 3 errors in ${file}. Nothing was created.`,
    ]);
  });
});

describe("what kubectl printed", () => {
  it("of a pod of a cluster runs, without what the cluster added", async () => {
    const { code, stderr } = await tspod.run(["run", "-d", fixture("kubectl-get-pods.yaml")]);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const noted = stderr.split("\n").filter((line) => line.startsWith("warning"));
    expect(noted.map((line) => /: (spec\S*): (left out|ignored)/.exec(line)?.slice(1) ?? line)).toEqual([
      ["spec.ephemeralContainers", "left out"],
      ["spec.nodeName", "left out"],
      ["spec.serviceAccountName", "ignored"],
      ["spec.volumes[1]", "left out"],
    ]);
    const name = "shop-6c8f5b7d9c-x2vqd";
    const { metadata, spec } = await tspod.inspect(name);
    expect(metadata.uid).not.toBe("9a3ecb8e-6b0b-44a5-b7ec-5f5e0d0f2b77");
    expect(metadata).not.toHaveProperty("ownerReferences");
    expect(spec.volumes.map((volume: { name: string }) => volume.name)).toEqual(["cache"]);
    expect(await tspod.ok(["exec", name, "--", "sh", "-c", 'echo "$NODE $ACCOUNT"; id -u'])).toBe(
      `${hostname()} shop\n1000\n`,
    );
    await tspod.ok(["rm", "-f", name]);
  });
});

describe("manifests come", () => {
  it("from files, folders and standard input, as YAML, JSON, documents and lists", async () => {
    const folder = folderOf({
      "b.yaml": `${JSON.stringify(config("b1"))}\n---\n${JSON.stringify(config("b2"))}\n`,
      "a.json": config("a"),
      "c.yml": { apiVersion: "v1", kind: "List", items: [config("c1"), config("c2")] },
      "d.yaml": { apiVersion: "v1", kind: "ConfigMapList", items: [{ metadata: { name: "d" } }] },
      "README.md": "# not a manifest",
    });
    const file = tspod.manifest(config("e"));
    const outcome = spawnSync(tspodBinary, ["validate", "-", folder, "-f", file, file], {
      input: JSON.stringify(config("f")),
      encoding: "utf8",
    });
    expect(outcome.stderr).toBe("");
    const names = ["f", "a", "b1", "b2", "c1", "c2", "d", "e"];
    expect(outcome.stdout).toBe(names.map((name) => `configmap/${name} is valid\n`).join(""));
  });

  it("all of them with their problems, whatever is wrong with the first", async () => {
    const folder = folderOf({
      "a.yaml": `${JSON.stringify(config("a")).slice(0, -1)}\n`,
      "b.yaml": { ...config("b"), dta: {} },
    });
    const good = tspod.manifest(config("c"));
    const { code, stdout } = await tspod.run(["validate", "-o", "json", folder, good]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([
      { code: "TS1105", file: join(folder, "a.yaml"), line: 1, col: 1, severity: "error" },
      { code: "TS2001", file: join(folder, "b.yaml"), path: "dta", object: "configmap/b" },
    ]);
    const { stderr } = await tspod.run(["validate", folder, good]);
    expect(stderr).toContain(`\n2 errors in ${folder}, ${good}.\n`);
  });
});

describe("validate", () => {
  it("prints the manifest as the API server would store it", async () => {
    const { code, stdout, stderr } = await tspod.run(["validate", "-o", "yaml", fixture("short.yaml")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(readFileSync(fixture("short.stored.yaml"), "utf8"));
    const again = tspod.manifest(stdout);
    expect(await tspod.ok(["validate", "-o", "yaml", again])).toBe(stdout);
    const json = JSON.parse(await tspod.ok(["validate", "-o", "json", again, tspod.manifest(config("c"))]));
    expect(json).toMatchObject({ kind: "List", items: [{ kind: "Pod" }, { kind: "ConfigMap" }] });
  });

  it("needs no root, no images and no other machine's files", async () => {
    const file = tspod.manifest(pod("p", [{ name: "a", image: "example.com/none:1" } as never]));
    const before = readdirSync(tspod.dir);
    expect(await tspod.ok(["validate", file])).toBe("pod/p is valid\n");
    expect(readdirSync(tspod.dir)).toEqual(before);
  });
});

describe("what means nothing on a single node", () => {
  const text = tspod.manifest(
    pod("far", [idle("a")], {
      nodeSelector: { disk: "ssd" },
      priorityClassName: "high",
      affinity: { nodeAffinity: {} },
    }),
  );

  it("is one line each, and the pod runs", async () => {
    const { code, stderr } = await tspod.run(["run", "-d", text]);
    expect(code).toBe(0);
    expect(stderr.split("\n").filter((line) => line.startsWith("warning"))).toHaveLength(3);
    expect(stderr).toContain(
      `warning[TS2008]: spec.nodeSelector: ignored on a single node: there is one node and no scheduler (${text}:1:`,
    );
    await tspod.ok(["rm", "-f", "far"]);
  });

  it("is an error with --strict-single-node, where other warnings stay warnings", async () => {
    const { code, stderr } = await tspod.run(["run", "-d", "--strict-single-node", text]);
    expect(code).toBe(2);
    expect(stderr.match(/^error\[TS2008\]/gm)).toHaveLength(3);
    const gates = pod("gates", [idle("a")], { readinessGates: [{ conditionType: "example.com/x" }] });
    const other = await tspod.run(["validate", "--strict-single-node", tspod.manifest(gates)]);
    expect([other.code, other.stderr]).toEqual([0, expect.stringMatching(/^warning\[TS2007\]/)]);
  });

  it("is a pod of another machine, but not one of this", async () => {
    const on = (nodeName: string) => tspod.manifest(pod("p", [idle("a")], { nodeName }));
    expect((await tspod.run(["validate", on(hostname().toLowerCase())])).code).toBe(0);
    const { code, stderr } = await tspod.run(["run", "-d", on("elsewhere")]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`"elsewhere" is another machine; this one is "${hostname()}"`),
    ]);
  });
});

describe("explain", () => {
  it("tells of a field: type, default, what is done with it, and what it is", async () => {
    const told = await tspod.ok(["explain", "pod.spec.containers.imagePullPolicy"]);
    expect(told).toMatch(
      /^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: {6}pod\.spec\.containers\.imagePullPolicy <string>\n/,
    );
    expect(told).toContain("\nTSPOD:      honoured\nDEFAULT:    Always for the tag latest");
    expect(told).toMatch(/\nDESCRIPTION:\n {4}Image pull policy\. /);
    expect(await tspod.ok(["explain", "spec.volumes.csi"])).toMatch(
      /^TSPOD: {6}refused: .*hostPath volume$/m,
    );
    expect(await tspod.ok(["explain", "--recursive", "pod.spec.dnsConfig"])).toContain(
      "FIELDS:\n  nameservers <[]string>\n  options <[]PodDNSConfigOption>\n    name <string>\n",
    );
    const json = JSON.parse(await tspod.ok(["explain", "-o", "json", "po.spec.affinity"]));
    expect(json).toMatchObject({ path: "pod.spec.affinity", tspod: { kind: "ignored" } });
  });

  it("tells what a code means, and which field may be meant", async () => {
    expect(await tspod.ok(["explain", "TS2001"])).toBe("TS2001: an unknown field\n");
    const { code, stderr } = await tspod.run(["explain", "pod.spec.contaners"]);
    expect([code, stderr]).toEqual([
      2,
      'error[TS1004]: field "contaners" does not exist in pod.spec\n  help: did you mean pod.spec.containers?\n',
    ]);
  });

  it("takes a file for a file, whatever it is called", async () => {
    const folder = folderOf({ "pod.spec": pod("p", [idle("a")]) });
    const run = (...args: string[]) => spawnSync(tspodBinary, args, { cwd: folder, encoding: "utf8" });
    expect(run("explain", "--brief", "pod.spec").stdout).toContain("clone");
    expect(run("explain", "pod").stdout).toMatch(/^KIND: {7}Pod/);
    expect(run("explain", "pod.yaml").stderr).toContain("cannot read pod.yaml: there is no such file");
  });
});

it("a folder's folders are passed over, whatever they are called", async () => {
  const folder = folderOf({ "pod.yaml": config("c") });
  mkdirSync(join(folder, "conf.yaml"));
  const { code, stdout } = await tspod.run(["validate", folder]);
  expect([code, stdout]).toEqual([0, "configmap/c is valid\n"]);
});

it("a file that Windows' PowerShell wrote (UTF-16) is read as it was meant", async () => {
  const text = JSON.stringify(config("from-windows"));
  for (const [name, bytes] of [
    ["le", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["be", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ] as const) {
    const file = join(tspod.dir, `${name}.yaml`);
    writeFileSync(file, bytes);
    const { code, stdout } = await tspod.run(["validate", file]);
    expect([code, stdout]).toEqual([0, "configmap/from-windows is valid\n"]);
  }
});
