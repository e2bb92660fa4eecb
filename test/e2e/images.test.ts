import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tar } from "../support/image/tar.ts";
import { checkout, eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { host } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const at = (...parts: string[]) => join(tspod.dir, "files", ...parts);
const files = (...parts: string[]) => {
  mkdirSync(at(), { recursive: true });
  return at(...parts);
};
const image = (...args: string[]) => tspod.ok(["image", ...args]);
const store = (...parts: string[]) => join(tspod.dir, "var/lib/tspod/images", ...parts);
const blobs = () => (existsSync(store("blobs/sha256")) ? readdirSync(store("blobs/sha256")) : []);

/** What a shell pipes into a command. */
function piped(file: string, ...args: string[]) {
  const script = 'file=$1; shift; cat "$file" | "$@"';
  const command = [
    "-c",
    script,
    "sh",
    file,
    join(checkout, "bin/tspod"),
    "--root",
    tspod.dir,
    "image",
    ...args,
  ];
  return spawnSync("sh", command, { encoding: "utf8" });
}

describe("image load and save", () => {
  it("take and give layouts and archives, which skopeo reads, by name and through a pipe", async () => {
    expect(await image("load", `oci:${checkout}/dist/images/busybox`, "--name", "app:v1")).toBe(
      "Loaded image: app:v1\n",
    );
    const { Id } = JSON.parse(await image("inspect", "app:v1"))[0];
    const targets = { "oci-archive": files("o.tar"), "docker-archive": at("d.tar"), oci: at("layout") };
    for (const [kind, path] of Object.entries(targets)) {
      expect(await image("save", "app:v1", "--to", `${kind}:${path}`)).toBe("Saved image: app:v1\n");
      const { config, os } = JSON.parse(host("skopeo", "inspect", "--config", `${kind}:${path}`));
      expect({ config, os }).toMatchObject({ config: { Cmd: ["sh"] }, os: "linux" });
    }
    expect(await image("load", at("o.tar"), "--name", "from:archive")).toBe("Loaded image: from:archive\n");
    expect(await image("load", at("layout"), "--name", "from:layout")).toBe("Loaded image: from:layout\n");
    expect(piped(at("d.tar"), "load")).toMatchObject({ status: 0, stdout: "Loaded image: app:v1\n" });
    const unnamed = piped(at("o.tar"), "load", "-");
    expect(unnamed).toMatchObject({ status: 1, stdout: "" });
    expect(unnamed.stderr).toMatch(/does not say what the image is called\n {2}help: say it with --name/);
    expect(piped(at("o.tar"), "load", "--name", "from:pipe").status).toBe(0);
    const rows = (await image("ls"))
      .trimEnd()
      .split("\n")
      .map((row) => row.split(/ {2,}/));
    expect(rows[0]).toEqual(["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "USED BY"]);
    expect(
      rows
        .slice(1)
        .map(([name, tag, id]) => `${name}:${tag} ${Id.includes(id)}`)
        .sort(),
    ).toEqual(["app:v1 true", "from:archive true", "from:layout true", "from:pipe true"]);
    expect(readdirSync(store("ingest"))).toEqual([]);
    await image("rm", "app:v1", "from:archive", "from:layout", "from:pipe");
    expect(blobs()).toEqual([]);
  });

  it("say what is wrong with a source or a target, and leave nothing", async () => {
    await image("load", `oci:${checkout}/dist/images/busybox`, "--name", "app:v1");
    const cases: [string[], RegExp][] = [
      [["load", "/no/such.tar"], /there is no \/no\/such\.tar\n(.*\n)*.*help: check the path/],
      [["load", "oci:/etc"], /\/etc is not an OCI image layout/],
      [["load", "/etc/passwd"], /cannot be read as an archive|is not what/],
      [
        ["save", "app:v1", "--to", "oci:/no/such/folder/x"],
        /nothing can be written to \/no\/such\/folder: ENOENT/,
      ],
      [["save", "app:v1", "--to", "oci-archive:/proc/x"], /nothing can be written to \/proc: ENOENT/],
      [["save", "app:v1", "--to", "oci:/etc"], /\/etc is there already/],
      [["save", "app:v1", "--to", "app.tar"], /--to app\.tar names no format/],
      [["save", "nope", "--to", `oci:${files("x")}`], /image "nope" not found/],
      [["import", "/etc/passwd", "x:1"], /layer sha256:[0-9a-f]{64} cannot be unpacked: a tar header/],
      [["import", "/etc", "x:1"], /\/etc is a folder/],
      [["load", `oci-archive:${files("p.tar")}`, "--name", "BAD"], /repository name must be lowercase/],
    ];
    await image("save", "app:v1", "--to", `oci-archive:${at("p.tar")}`);
    const before = [blobs(), readdirSync(at())];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await tspod.run(["image", ...args]);
      expect({ code, stdout }, args.join(" ")).toEqual({ code: expect.any(Number), stdout: "" });
      expect(code, args.join(" ")).toBeGreaterThan(0);
      expect(stderr, args.join(" ")).toMatch(/^error\[TS60\d\d\]: /);
      expect(stderr, args.join(" ")).toMatch(message);
    }
    expect([blobs(), readdirSync(at())]).toEqual(before);
    expect(readdirSync(store("ingest"))).toEqual([]);
    expect(await image("ls", "-q")).toMatch(/^\S+\n$/);
    await image("rm", "app:v1");
  });
});

describe("image import", () => {
  it("makes an image of a root filesystem, from a file or a pipe, that runs and is counted as used", async () => {
    const root = files("root");
    mkdirSync(join(root, "bin"), { recursive: true });
    host("cp", host("sh", "-c", "command -v busybox").trim(), join(root, "bin/busybox"));
    host("ln", "-s", "busybox", join(root, "bin/sh"));
    host("tar", "-C", root, "-czf", at("root.tgz"), ".");
    const digest = await image("import", at("root.tgz"), "own:1");
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(piped(at("root.tgz"), "import", "-", "own:2")).toMatchObject({ status: 0, stdout: digest });
    const own = (more: object) => ({ ...idle("a"), image: "own:1", command: ["/bin/sh"], ...more });
    const busy = own({ args: ["-c", "trap exit TERM; while :; do busybox sleep 1; done"] });
    await tspod.ok(["run", "-d", tspod.manifest(pod("user", [busy]))]);
    expect(await image("ls")).toMatch(/^own +1 .* default\/user$/m);
    const used = await tspod.run(["image", "rm", "own:1", "own:2"]);
    expect(used).toMatchObject({ code: 5, stderr: expect.stringContaining("used by pod default/user") });
    expect(await image("df")).toMatch(/^Images +\d+ .*\nIn use +1 /m);
    expect(await image("prune", "--all")).not.toContain("own:1\n");
    await tspod.ok(["rm", "-f", "user"]);
    expect(await image("prune", "--all")).toMatch(/^removed own:1\n(.*\n)*freed /);
    expect(blobs()).toEqual([]);
  });
});

describe("an image that a pod has used", () => {
  it("can be removed as soon as the pod is, although the daemon has started a container of it just now", async () => {
    await image("load", `oci:${checkout}/dist/images/busybox`, "--name", "app:v1");
    const again = { restartPolicy: "Always" as const };
    const used = pod("used", [idle("a", { image: "app:v1", imagePullPolicy: "Never" })], again);
    await tspod.ok(["run", "-d", tspod.manifest(used)]);
    // For it, the daemon lives on.
    await tspod.ok(["run", "-d", tspod.manifest(pod("other", [idle("a")]))]);
    await tspod.ok(["kill", "used"]);
    const restarts = async () => (await tspod.inspect("used")).status.containerStatuses?.[0]?.restartCount;
    await eventually(async () => expect(await restarts()).toBe(1));
    await tspod.ok(["rm", "-f", "used"]);
    expect(await tspod.run(["image", "rm", "app:v1"])).toMatchObject({
      code: 0,
      stdout: "Untagged: app:v1\n",
      stderr: "",
    });
    await tspod.ok(["rm", "-f", "other"]);
    await image("prune", "--all");
  });
});

describe("names and what is known of an image", () => {
  it("tag, inspect, history and rm agree, by name, id and digest", async () => {
    await image("load", `oci:${checkout}/dist/images/busybox`, "--name", "app:v1");
    expect(await image("tag", "app:v1", "registry.example:5000/team/app:v2")).toBe("");
    const [known] = JSON.parse(await image("inspect", "registry.example:5000/team/app:v2"));
    expect(known).toMatchObject({
      RepoTags: ["docker.io/library/app:v1", "registry.example:5000/team/app:v2"],
      Os: "linux",
      Config: { Cmd: ["sh"] },
    });
    for (const name of [known.Id, known.Id.slice(7, 19), `app@${known.Digest}`])
      expect(JSON.parse(await image("inspect", name))[0].Id, name).toBe(known.Id);
    expect(await image("history", "app:v1")).toMatch(
      /^LAYER +CREATED +CREATED BY +SIZE +COMMENT\n\S+ .*rootfs\/build/,
    );
    expect(await image("rm", "app:v1")).toBe("Untagged: app:v1\n");
    expect(await image("rm", "registry.example:5000/team/app:v2")).toMatch(/^Untagged: .*\nFreed: /);
    for (const verb of [["inspect"], ["history"], ["rm"], ["save", "--to", `oci:${files("y")}`]]) {
      const gone = await tspod.run(["image", ...verb, "app:v1"]);
      expect(gone, verb[0]).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('image "app:v1" not found'),
      });
    }
    expect(await image("rm", "--ignore-not-found", "app:v1")).toBe("");
  });
});

describe("image verify", () => {
  it("finds what a disk broke, and mends it from what there is", async () => {
    const layer = files("layer.tar");
    writeFileSync(
      layer,
      tar({ name: "bin", type: "5" }, { name: "bin/x", data: "x".repeat(100), mode: 0o755 }),
    );
    await image("import", layer, "own:1");
    expect(await image("verify")).toBe("everything is what its digest says\n");
    const layers = join(tspod.dir, "var/lib/tspod/layers");
    const holder = () => readdirSync(layers).find((name) => existsSync(join(layers, name, "fs/bin/x")));
    const file = join(layers, holder() as string, "fs/bin/x");
    writeFileSync(file, "changed");
    const found = await tspod.run(["image", "verify"]);
    expect(found).toMatchObject({ code: 1, stdout: expect.stringMatching(/layer .*bin\/x|layer/) });
    const mended = await tspod.run(["image", "verify", "--repair"]);
    expect(mended).toMatchObject({ code: 0 });
    const [again] = readdirSync(layers);
    expect(again === undefined || host("cat", join(layers, again, "fs/bin/x")) === "x".repeat(100)).toBe(
      true,
    );
    const run = pod("x", [sh("a", "true", { image: "own:1", command: ["/bin/x"] })]);
    // Mended or to be unpacked anew: the file is the image's again (and no program).
    expect((await tspod.run(["run", tspod.manifest(run)])).stderr).toMatch(
      /exec format error|ENOEXEC|TS5102/i,
    );
    for (const name of blobs().slice(0, 1)) writeFileSync(store("blobs/sha256", name), "broken");
    const lost = await tspod.run(["image", "verify", "--repair"]);
    expect(lost.code).toBe(1);
    expect(lost.stdout).toMatch(/sha256:[0-9a-f]{64}/);
    await tspod.run(["image", "rm", "own:1"]);
    await image("prune", "--all");
  });
});
