import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Outcome, tspodBinary } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

beforeAll(async () => {
  // The image store is there from here on: what a refused manifest may not do is make a pod.
  expect((await tspod.run(["run", "-q", tspod.manifest(pod("first", [sh("a", "true")]))])).code).toBe(0);
});

/** Runs a manifest that is to be refused: nothing on stdout, no pod afterwards, no stack trace, and one message. */
async function refused(manifest: string | object, args: string[] = []): Promise<Outcome & { file: string }> {
  const file = tspod.manifest(manifest);
  const outcome = await tspod.run(["run", "-d", ...args, file]);
  expect(outcome.stdout).toBe("");
  expect(outcome.stderr).not.toMatch(/internal error|at .*\.[jt]s:\d+|undefined|\[object/);
  expect(
    existsSync(join(tspod.dir, "run/tspod/pods")) ? readdirSync(join(tspod.dir, "run/tspod/pods")) : [],
  ).toEqual([]);
  return { ...outcome, file };
}

const errors = (text: string) => text.match(/^error\[.*$/gm) ?? [];

describe("without root", () => {
  it("run says that it needs it, and what works without", () => {
    const file = tspod.manifest(pod("one", [idle("a")]));
    chmodSync(tspod.dir, 0o755);
    const outcome = spawnSync(
      "setpriv",
      [
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        tspodBinary,
        "--root",
        tspod.dir,
        "run",
        "-d",
        file,
      ],
      { encoding: "utf8" },
    );
    expect(outcome.status).toBe(3);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toMatch(/needs root .*uid is 65534/);
    expect(outcome.stderr).toContain(`sudo tspod --root ${tspod.dir} run -d ${file}`);
    expect(outcome.stderr).toContain("explain");
  });

  it("explain and validate work", () => {
    const file = tspod.manifest(pod("one", [idle("a")]));
    chmodSync(tspod.dir, 0o755);
    const as = (...args: string[]) =>
      spawnSync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", tspodBinary, ...args], {
        encoding: "utf8",
      });
    expect(as("validate", file)).toMatchObject({ status: 0, stdout: "pod/one is valid\n" });
    const explained = as("explain", file);
    expect(explained).toMatchObject({ status: 0 });
    expect(explained.stdout).toMatch(/pivot_root/);
  });
});

describe("the file", () => {
  it("is not there, is a folder, or is empty", async () => {
    const missing = await tspod.run(["run", "-d", "/no/such/pod.yaml"]);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toMatch(
      /^error\[TS1001\]: cannot read \/no\/such\/pod\.yaml: there is no such file \(ENOENT\)/,
    );
    const folder = await tspod.run(["run", "-d", "/tmp"]);
    expect(folder).toMatchObject({ code: 2, stdout: "" });
    expect(folder.stderr).toContain("EISDIR");
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
    expect(noMap.stderr).toContain('configmap "nope" not found');
  });

  it("that is not supported yet is named, never passed over in silence", async () => {
    const probe = { readinessProbe: { tcpSocket: { port: 80 } } };
    const { code, stderr } = await tspod.run([
      "run",
      "-q",
      tspod.manifest(pod("warned", [sh("a", "true", probe)], { restartPolicy: "OnFailure" })),
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning.*restartPolicy.*not supported yet/m);
    expect(stderr).toMatch(/^warning.*readinessProbe.*not supported yet/m);
    const strict = await refused(pod("warned", [sh("a", "true", probe)]), ["--strict"]);
    expect(strict.code).toBe(2);
    const secret = { volumes: [{ name: "s", secret: { secretName: "x" } }] };
    const volume = await refused(pod("warned", [sh("a", "true")], secret));
    expect(volume.code).toBe(2);
    expect(volume.stderr).toMatch(/spec\.volumes\[0\]\.secret.*not supported yet/);
  });
});

describe("the machine", () => {
  it("has no such image", async () => {
    const { code, stderr, file } = await refused(
      pod("bad", [idle("a", { image: "nope:1", imagePullPolicy: "Never" })]),
    );
    expect(code).toBe(4);
    expect(stderr).toMatch(/Container image "nope:1" is not present with pull policy of Never/);
    expect(stderr).toContain(`--> ${file}:1:`);
    expect(stderr).toContain("spec.containers[0].image");
  });

  it("has no such host path, or it is of another type", async () => {
    const mounted = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    const volume = (hostPath: { path: string; type?: string }) => ({ volumes: [{ name: "v", hostPath }] });
    const missing = await refused(
      pod("bad", [mounted], volume({ path: "/no/such/folder", type: "Directory" })),
    );
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(
      /MountVolume\.SetUp failed for volume "v" : hostPath type check failed: \/no\/such\/folder does not exist/,
    );
    expect(missing.stderr).toContain(`--> ${missing.file}:1:`);
    expect(missing.stderr).toContain("spec.volumes[0].hostPath.path");
    expect(missing.stderr).toContain("DirectoryOrCreate");
    const file = await refused(pod("bad", [mounted], volume({ path: "/etc/passwd", type: "Directory" })));
    expect(file.stderr).toContain("hostPath type check failed: /etc/passwd is not a directory");
    expect(existsSync("/no")).toBe(false);
  });

  it("has no such command in the image, or it cannot be executed", async () => {
    const missing = await refused(pod("bad", [idle("good"), idle("a", { command: ["/nope"] })]));
    expect(missing.code).toBe(127);
    expect(missing.stderr).toMatch(/container a: .*"?\/nope"?.*no such file/i);
    expect(missing.stderr).toContain(`${missing.file}:1:`);
    expect(missing.stderr).toContain("spec.containers[1].command");
    const notFound = await refused(pod("bad", [idle("a", { command: ["nope"] })]));
    expect(notFound.code).toBe(127);
    expect(notFound.stderr).toMatch(/nope.*PATH/);
    const folder = await refused(pod("bad", [idle("a", { command: ["/etc"] })]));
    expect(folder.code).toBe(126);
    expect(folder.stderr).toMatch(/\/etc.*(permission denied|EACCES)/i);
  });

  it("has a pod of that name already: the second leaves the first as it is", async () => {
    const file = tspod.manifest(pod("twice", [idle("a")]));
    await tspod.ok(["run", "-d", file]);
    const before = await tspod.inspect("twice");
    const second = await tspod.run(["run", "-d", file]);
    expect(second).toMatchObject({ code: 5, stdout: "" });
    expect(second.stderr).toMatch(/pods "twice" already exists/);
    expect(second.stderr).toMatch(/tspod rm twice.*--replace/);
    expect(await tspod.inspect("twice")).toEqual(before);
    expect(await tspod.ok(["run", "-d", "--replace", file])).toBe("pod/twice started\n");
    expect((await tspod.inspect("twice")).metadata.uid).not.toBe(before.metadata.uid);
    await tspod.ok(["rm", "-f", "twice"]);
  });

  it("runs all pods of a command or none", async () => {
    const good = tspod.manifest(pod("good", [idle("a")]));
    const { code } = await refused(pod("bad", [idle("a", { command: ["/nope"] })]), [good]);
    expect(code).toBe(127);
  });
});

describe("the command line", () => {
  it("says what is wrong with it and how it goes, exit code 2", async () => {
    for (const args of [
      ["rnu", "x.yaml"],
      ["run", "--nope"],
      ["ps", "-o", "xml"],
      ["logs"],
      ["rm"],
      ["exec", "x"],
    ]) {
      const outcome = await tspod.run(args);
      expect(outcome, args.join(" ")).toMatchObject({ code: 2, stdout: "" });
      expect(outcome.stderr, args.join(" ")).toMatch(/error/i);
    }
    expect((await tspod.run(["rnu"])).stderr).toMatch(/Did you mean run\?/i);
  });

  it("names pods that are not there, exit code 4", async () => {
    for (const command of ["describe", "inspect", "logs", "stop", "kill", "rm", "ns"]) {
      const outcome = await tspod.run([command, "ghost"]);
      expect(outcome, command).toMatchObject({ code: 4, stdout: "" });
      expect(outcome.stderr, command).toContain('pod "ghost" not found');
    }
    expect((await tspod.run(["exec", "ghost", "--", "ls"])).code).toBe(4);
  });
});
