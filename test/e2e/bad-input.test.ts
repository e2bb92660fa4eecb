import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { host } from "./support/processes.ts";
import { refusals } from "./support/refused.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

const refused = refusals(tspod);
const errors = (text: string) => text.match(/^error\[.*$/gm) ?? [];

describe("without root", () => {
  // A copy that everyone may read: the checkout may be below a folder of root's.
  const copy = mkdtempSync(join(tmpdir(), "tspod-copy-"));
  const one = () => {
    const file = tspod.manifest(pod("one", [idle("a")]));
    host("chmod", "-R", "a+rX", tspod.dir);
    return file;
  };
  const asNobody = (...args: string[]) => {
    const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    return spawnSync("setpriv", [...nobody, join(copy, "bin/tspod"), ...args], {
      encoding: "utf8",
      cwd: copy,
    });
  };
  beforeAll(() => {
    for (const part of ["bin", "dist", "examples"])
      cpSync(join(checkout, part), join(copy, part), { recursive: true });
    host("chmod", "-R", "a+rX", copy);
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it("run says that it needs it, and what works without", () => {
    const file = one();
    const outcome = asNobody("--root", tspod.dir, "run", "-d", file);
    expect(outcome).toMatchObject({ status: 3, stdout: "" });
    expect(outcome.stderr).toMatch(/needs root .*uid is 65534/);
    expect(outcome.stderr).toContain(`sudo tspod --root ${tspod.dir} run -d ${file}`);
    expect(outcome.stderr).toContain("explain");
  });

  it("explain and validate work", () => {
    const file = one();
    expect(asNobody("validate", file)).toMatchObject({ status: 0, stdout: "pod/one is valid\n" });
    for (const manifest of [file, "examples/site.yaml", "examples/hello.yaml"]) {
      const explained = asNobody("explain", manifest);
      expect(explained, manifest).toMatchObject({ status: 0 });
      expect(explained.stdout, manifest).toMatch(/pivot_root/);
    }
    expect(asNobody("version")).toMatchObject({ status: 0, stderr: "" });
    expect(asNobody("doctor").stdout).toMatch(/kernel/i);
  });
});

describe("the file", () => {
  it("is not there, is a folder without manifests, or is empty", async () => {
    const missing = await tspod.run(["run", "-d", "/no/such/pod.yaml"]);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toMatch(
      /^error\[TS1001\]: cannot read \/no\/such\/pod\.yaml: there is no such file \(ENOENT\)/,
    );
    const url = await tspod.run(["validate", "https://example.com/pod.yaml"]);
    expect(url.stderr).toContain(
      "help: tspod reads files: curl -fsSL https://example.com/pod.yaml | tspod … -",
    );
    const empty = mkdtempSync(join(tspod.dir, "empty-"));
    const folder = await tspod.run(["run", "-d", empty]);
    expect(folder).toMatchObject({ code: 2, stdout: "" });
    expect(folder.stderr).toContain(`error[TS1003]: there is no manifest in the folder ${empty}`);
    expect((await refused("")).code).toBe(2);
    expect((await refused("# only a comment\n")).code).toBe(2);
    expect((await tspod.run(["run", "-d"])).code).toBe(2);
  });

  it("holds something else than YAML", async () => {
    const path = join(tspod.dir, "binary.yaml");
    writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe, 1, 2, 3]));
    const outcome = await tspod.run(["run", "-d", path]);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain(`--> ${path}:1:`);
  });

  it("is the article's, with its indentation (S8)", async () => {
    const article = [
      "apiVersion: v1",
      "kind: Pod",
      "metadata:",
      "  name: ghost",
      "spec:",
      "  containers:",
      "  - image: busybox",
      "    name: nginx",
      "    ports:",
      "    - containerPort: 80",
      "      hostPort: 18888",
      "      volumeMounts:",
      "      - mountPath: /etc/nginx/",
      "        name: nginx-config",
      "        readOnly: true",
      "  - image: busybox",
      "    name: ghost",
      "    volumes:",
      "   - name: nginx-config",
      "     configMap:",
      "       name: nginx-config",
      "",
    ].join("\n");
    const broken = await refused(article);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(new RegExp(`--> ${broken.file}:19:\\d+`));
    expect(broken.stderr).toMatch(/^ +19 \| {4}- name: nginx-config$/m);
    expect(broken.stderr).toMatch(/\^/);
    expect(broken.stderr).toMatch(/indent/);
    expect(broken.stderr).toContain("Nothing was created.");

    // Half repaired, it shows all that is in the wrong place, each with its right one.
    const half = await refused(
      article
        .replace(/^ {3}- name/m, "    - name")
        .replace(/^ {5}configMap/m, "      configMap")
        .replace(/^ {7}name: nginx-config\n$/m, "        name: nginx-config\n"),
    );
    expect(half.code).toBe(2);
    expect(half.stderr).toContain(
      'spec.containers[0].ports[0]: unknown field "volumeMounts" — did you mean spec.containers[0].volumeMounts?',
    );
    expect(half.stderr).toContain('spec.containers[1]: unknown field "volumes" — did you mean spec.volumes?');
    expect(half.stderr).toContain(`${half.file}:12:7`);
    expect(half.stderr).toContain(`${half.file}:18:5`);
  });
});

describe("a field", () => {
  const yaml = (...lines: string[]) =>
    ["apiVersion: v1", "kind: Pod", "metadata: {name: bad}", "spec:", ...lines, ""].join("\n");

  it("of the wrong type is named with what it is and what it should be", async () => {
    const { code, stderr, file } = await refused(
      yaml("  containers:", "  - name: a", "    image: busybox", "    command: sleep 5"),
    );
    expect(code).toBe(2);
    expect(errors(stderr)).toHaveLength(2); // the problem, and the sum
    expect(stderr).toContain(`--> ${file}:8:14`);
    expect(stderr).toMatch(/spec\.containers\[0\]\.command.*"sleep 5"/);
    expect(stderr).toMatch(/list|array/);
  });

  it("that is unknown, or twice there, all in one pass and with the likely name", async () => {
    const { code, stderr, file } = await refused(
      yaml(
        "  terminationGracePeriodSecond: 3",
        "  restartPolicy: Never",
        "  restartPolicy: Never",
        "  containers:",
        "  - name: a",
        "    image: busybox",
        "    comand: [sleep, '5']",
      ),
    );
    expect(code).toBe(2);
    expect(stderr).toContain(`--> ${file}:5:3`);
    expect(stderr).toMatch(/did you mean "terminationGracePeriodSeconds"\?/);
    expect(stderr).toContain(`--> ${file}:11:5`);
    expect(stderr).toMatch(/did you mean "command"\?/);
    expect(stderr).toContain(`--> ${file}:7:3`);
    expect(stderr).toContain(`3 errors in ${file}. Nothing was created.`);
  });

  it("with a value Kubernetes does not allow is refused in its words", async () => {
    const { code, stderr, file } = await refused(
      yaml("  restartPolicy: Sometimes", "  containers:", "  - name: A_b", "    image: busybox"),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /spec\.restartPolicy: Unsupported value: "Sometimes".*supported values: "Always", "OnFailure", "Never"/,
    );
    expect(stderr).toMatch(
      /spec\.containers\[0\]\.name: Invalid value: "A_b": a lowercase RFC 1123 label must consist of/,
    );
    expect(stderr).toContain(`--> ${file}:5:18`);
    expect(stderr).toContain(`--> ${file}:7:11`);
  });

  it("that refers to what is not there", async () => {
    const { code, stderr, file } = await refused(
      yaml(
        "  containers:",
        "  - name: a",
        "    image: busybox",
        "    volumeMounts: [{name: v, mountPath: /v}]",
      ),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/spec\.containers\[0\]\.volumeMounts\[0\]\.name: Not found: "v"/);
    expect(stderr).toContain(`--> ${file}:8:27`);
    const noMap = await refused(
      pod("bad", [idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] })], {
        volumes: [{ name: "v", configMap: { name: "nope" } }],
      }),
    );
    expect(noMap.code).toBe(2);
    expect(noMap.stderr).toMatch(/configmap "nope" not found\n {2}--> .*:1:\d+ {2}\(spec\.volumes\[0\]\)\n/);
    const secret = { envFrom: [{ secretRef: { name: "nope" } }] };
    const noSecret = await refused(pod("bad", [idle("a"), idle("b", secret)]));
    expect(noSecret.code).toBe(2);
    expect(noSecret.stderr).toMatch(
      /secret "nope" not found\n {2}--> .*:1:\d+ {2}\(spec\.containers\[1\]\)\n/,
    );
    const asRoot = await refused(pod("bad", [idle("a", { securityContext: { runAsNonRoot: true } })]));
    expect(asRoot.stderr).toMatch(/will run as root .*\n {2}--> .*:1:\d+ {2}\(spec\.containers\[0\]\)\n/);
  });

  it("that is not supported yet is named, never passed over in silence", async () => {
    const gates = { readinessGates: [{ conditionType: "example.com/ready" }] };
    const { code, stderr } = await tspod.run([
      "run",
      "-q",
      tspod.manifest(pod("warned", [sh("a", "true")], gates)),
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning.*spec\.readinessGates.*not supported yet/m);
    const strict = await refused(pod("warned", [sh("a", "true")], gates), ["--strict"]);
    expect(strict.code).toBe(2);
    const remote = { volumes: [{ name: "s", nfs: { server: "example.com", path: "/" } }] };
    const volume = await refused(pod("warned", [sh("a", "true")], remote));
    expect(volume.code).toBe(2);
    expect(volume.stderr).toMatch(/spec\.volumes\[0\]\.nfs.*not supported yet/);
  });
});
