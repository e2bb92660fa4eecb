import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** A fresh local folder below the test's root. */
function local(name: string): string {
  const path = join(tspod.dir, "local", name);
  mkdirSync(path, { recursive: true });
  return path;
}

const inside = (container: string, script: string) =>
  tspod.ok(["exec", "files", "-c", container, "--", "sh", "-c", script]);

describe("cp", () => {
  it("copies folders and files both ways, with modes and owners as kubectl", async () => {
    const user = idle("user", { securityContext: { runAsUser: 1000, runAsGroup: 1000 }, workingDir: "/tmp" });
    await tspod.ok(["run", "-d", tspod.manifest(pod("files", [idle("root"), user]))]);
    const source = local("site");
    mkdirSync(join(source, "ro/deep"), { recursive: true });
    const long = "n".repeat(180);
    writeFileSync(join(source, "ro", long), "long");
    writeFileSync(join(source, "page"), "<p>");
    chownSync(join(source, "page"), 1234, 5678);
    chmodSync(join(source, "page"), 0o640);
    chmodSync(join(source, "ro"), 0o555);
    symlinkSync("page", join(source, "link"));

    await tspod.ok(["cp", source, "files:/srv", "-c", "root"]);
    expect(
      await inside(
        "root",
        "cd /srv; stat -c '%a %u:%g' page; stat -c %a ro; readlink link; cat ro/n*; ls ro/deep",
      ),
    ).toBe("640 1234:5678\n555\npage\nlong");
    // As in cp: a folder that is there gets the source under its own name.
    await tspod.ok(["cp", source, "files:/srv", "-c", "root"]);
    expect(await inside("root", "cat /srv/site/page")).toBe("<p>");
    await tspod.ok(["cp", join(source, "page"), "files:/tmp/fresh", "-c", "root", "--no-preserve"]);
    expect(await inside("root", "stat -c '%a %u:%g' /tmp/fresh")).toBe("640 0:0\n");

    // The container's own user writes: its files, in folders it can write to, and only where it may. Relative paths are its working directory's.
    await tspod.ok(["cp", source, "files:mine", "-c", "user"]);
    expect(await inside("user", "stat -c '%a %u:%g' /tmp/mine/page /tmp/mine/ro")).toBe(
      "640 1000:1000\n755 1000:1000\n",
    );
    const refused = await tspod.run(["cp", source, "files:/etc/mine", "-c", "user"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^error\[TS3445\]: files:\/etc\/mine \(container user\): .*Permission denied/,
    );

    const back = join(tspod.dir, "local/back");
    await tspod.ok(["cp", "files:/srv", back, "-c", "root"]);
    expect(readFileSync(join(back, "ro", long), "utf8")).toBe("long");
    expect(statSync(join(back, "ro")).mode & 0o777).toBe(0o555);
    expect(statSync(join(back, "page")).mode & 0o777).toBe(0o640);
    expect(existsSync(join(back, "link"))).toBe(false);
    await tspod.ok(["cp", "default/files:/srv/page", local("folder"), "-c", "root"]);
    expect(readFileSync(join(tspod.dir, "local/folder/page"), "utf8")).toBe("<p>");

    const absent = await tspod.run(["cp", "files:/nope", join(tspod.dir, "local/new/x"), "-c", "root"]);
    expect(absent).toMatchObject({ code: 1, stdout: "" });
    expect(absent.stderr).toContain("No such file or directory");
    expect(existsSync(join(tspod.dir, "local/new"))).toBe(false);
    await tspod.ok(["rm", "-f", "files"]);
  });

  it("streams archives, and needs nothing in the container", async () => {
    const bare = sh(
      "bare",
      "cp /bin/busybox /busybox; mkdir /data; echo hi > /data/f; /busybox rm -rf /bin /etc; exec /busybox sleep 1000",
    );
    await tspod.ok(["run", "-d", tspod.manifest(pod("files", [bare]))]);
    await eventually(
      async () => (await tspod.run(["exec", "files", "--", "/bin/busybox", "true"])).code === 127,
    );
    const archive = join(tspod.dir, "out.tar");
    execFileSync("sh", ["-c", `"$0" --root "$1" cp files:/data - > "$2"`, "bin/tspod", tspod.dir, archive]);
    expect(execFileSync("tar", ["-xOf", archive, "data/f"], { encoding: "utf8" })).toBe("hi\n");
    execFileSync("sh", ["-c", `"$0" --root "$1" cp - files:/data < "$2"`, "bin/tspod", tspod.dir, archive]);
    const page = join(local("again"), "f");
    await tspod.ok(["cp", "files:/data/data/f", page]);
    expect(readFileSync(page, "utf8")).toBe("hi\n");
    await tspod.ok(["rm", "-f", "files"]);
  });

  it("is not led out of the container by its symlinks, nor out of the folder here", async () => {
    const canary = local("canary");
    writeFileSync(join(canary, "secret"), "secret");
    const script = `mkdir -p /data; ln -s ${canary} /data/out; ln -s ../../../../../../../.. /data/up; ln -s /proc/1/root/etc /data/magic; trap exit TERM; while :; do sleep 3600 & wait; done`;
    await tspod.ok(["run", "-d", tspod.manifest(pod("files", [sh("a", script)]))]);
    await eventually(() => inside("a", "test -L /data/magic && echo planted"));
    const here = local("here");
    for (const path of [`/data/out/secret`, `/data/up${canary}/secret`, `${canary}/secret`]) {
      const { code, stderr } = await tspod.run(["cp", `files:${path}`, here]);
      expect([path, code]).toEqual([path, 1]);
      expect(stderr).toMatch(/No such file or directory|can't change directory/);
    }
    await tspod.run(["cp", "files:/data/magic/passwd", here]);
    expect(readFileSync(join(here, "passwd"), "utf8")).not.toBe(readFileSync("/etc/passwd", "utf8"));
    // Writing through the links stays inside, too: the folder is made in the container.
    await tspod.run(["cp", join(here, "passwd"), "files:/data/out/written"]);
    await tspod.run(["cp", join(here, "passwd"), `files:/data/up${canary}/written`]);
    expect(readdirSync(canary)).toEqual(["secret"]);
    await tspod.ok(["rm", "-f", "files"]);
  });

  it("says what it does not understand", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("files", [idle("a"), idle("b")]))]);
    for (const [args, code, text] of [
      [["a", "b"], 2, "one of src or dest must be a remote file specification"],
      [["files:/a", "files:/b"], 2, "one of src or dest must be a local file specification"],
      [[":/a", "b"], 2, "filespec must match the canonical format: [[namespace/]pod:]file/path"],
      [["/not/there", "files:/b"], 2, "/not/there doesn't exist in local filesystem"],
      [["other:/a", "b"], 4, 'pod "other" not found'],
      [["files:/etc/passwd", "b", "-c", "zz"], 4, "container zz is not valid for pod files"],
      [["files:/etc/passwd", "b", "--foo"], 2, "unknown option '--foo'"],
    ] as const) {
      const outcome = await tspod.run(["cp", ...args]);
      expect([args, outcome.code]).toEqual([args, code]);
      expect(outcome.stderr).toContain(text);
    }
    const chosen = await tspod.run(["cp", "files:/etc/passwd", local("chosen")]);
    expect(chosen.stderr).toBe('Defaulted container "a" out of: a, b\n');
    await tspod.ok(["rm", "-f", "files"]);
  });
});
