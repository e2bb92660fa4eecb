import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Container, Volume } from "../../src/manifest/index.ts";
import { idle, pod } from "./support/pods.ts";
import { host } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = (container: string) => async (script: string) =>
  await tspod.ok(["exec", "-c", container, "p", "--", "sh", "-c", script]);

/** What is mounted on the host below a folder. */
const hostMounts = (folder: string) =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point.startsWith(`${folder}/`));

/** A folder that is a shared mount, as all of a machine with systemd is. */
let shared = "";
beforeEach(() => {
  shared = join(tspod.dir, "shared");
  mkdirSync(shared, { recursive: true });
  host("mount", "-t", "tmpfs", "tmpfs", shared);
  for (const name of ["below", "later"]) mkdirSync(join(shared, name));
  host("mount", "--make-shared", shared);
});
afterEach(() => {
  host("umount", "-R", shared);
});

function mounting(name: string, mountPropagation: string, more: Partial<Container> = {}): Container {
  const privileged = mountPropagation === "Bidirectional";
  return idle(name, {
    volumeMounts: [{ name: "v", mountPath: "/v", mountPropagation }],
    securityContext: { privileged },
    ...more,
  });
}

const run = async (containers: Container[], volume: Omit<Volume, "name"> = { hostPath: { path: shared } }) =>
  await tspod.run([
    "run",
    "-d",
    tspod.manifest(pod("p", containers, { volumes: [{ name: "v", ...volume }] })),
  ]);

describe("mountPropagation", () => {
  it("Bidirectional brings a container's mounts to the host and to containers that receive, and the pod's end takes them away", async () => {
    const names = ["Bidirectional", "HostToContainer", "None"];
    const started = await run(names.map((each) => mounting(each.toLowerCase(), each)));
    expect(started.code).toBe(0);
    const [both, receiving, none] = names.map((each) => inside(each.toLowerCase())) as [
      ReturnType<typeof inside>,
      ReturnType<typeof inside>,
      ReturnType<typeof inside>,
    ];
    await both("mount -t tmpfs -o size=1m t /v/below && echo yes > /v/below/file");
    expect(hostMounts(shared)).toEqual([join(shared, "below")]);
    expect(readFileSync(join(shared, "below/file"), "utf8")).toBe("yes\n");
    expect(await receiving("cat /v/below/file")).toBe("yes\n");
    expect(await none("ls /v/below")).toBe("");
    host("mount", "-t", "tmpfs", "tmpfs", join(shared, "later"));
    for (const look of [both, receiving]) expect(await look("grep -c ' /v/later ' /proc/mounts")).toBe("1\n");
    expect(await none("grep -c ' /v/later ' /proc/mounts || true")).toBe("0\n");
    // What a receiving container mounts stays its own (it may not even try without privilege); unmounting goes both ways.
    await both("umount /v/later");
    expect(hostMounts(shared)).toEqual([join(shared, "below")]);
    await tspod.ok(["rm", "-f", "p"]);
    expect(hostMounts(shared)).toEqual([]);
  });

  it("HostToContainer reaches a pod with users of its own, whose root keeps its hands off what comes", async () => {
    const volumes = [{ name: "v", hostPath: { path: shared } }];
    const securityContext = { privileged: true };
    const containers = [
      mounting("receiving", "HostToContainer", { securityContext }),
      mounting("none", "None"),
    ];
    await tspod.ok(["run", "-d", tspod.manifest(pod("p", containers, { volumes, hostUsers: false }))]);
    host("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", join(shared, "later"));
    expect(await inside("receiving")("grep -c ' /v/later ' /proc/mounts")).toBe("1\n");
    expect(await inside("none")("grep -c ' /v/later ' /proc/mounts || true")).toBe("0\n");
    const tried = "mount -o remount,bind,rw /v/later; touch /v/later/x; mount -t tmpfs own /v/below; true";
    await inside("receiving")(`(${tried}) 2>/dev/null`);
    expect(hostMounts(shared)).toEqual([join(shared, "later")]);
    expect(
      await inside("receiving")("grep -c ' /v/later tmpfs ro' /proc/mounts; grep -c '^own' /proc/mounts"),
    ).toBe("1\n1\n");
    await tspod.ok(["rm", "-f", "p"]);
  });

  it("Bidirectional of a part of a volume, and a mount upon that part itself", async () => {
    const mount = { name: "v", mountPath: "/v", subPath: "below", mountPropagation: "Bidirectional" };
    expect((await run([mounting("a", "Bidirectional", { volumeMounts: [mount] })])).code).toBe(0);
    await inside("a")("mount -t tmpfs t /v && mkdir /v/x && mount -t tmpfs t /v/x");
    expect(hostMounts(shared)).toEqual([join(shared, "below"), join(shared, "below/x")]);
    await tspod.ok(["rm", "-f", "p"]);
    expect(hostMounts(shared)).toEqual([]);
  });

  it("leaves what others use", async () => {
    expect((await run([mounting("a", "Bidirectional")])).code).toBe(0);
    await inside("a")("mount -t tmpfs t /v/below && mount -t tmpfs t /v/later && mkdir /v/later/dir");
    expect(hostMounts(shared).sort()).toEqual(["below", "later"].map((name) => join(shared, name)));
    const cwd = process.cwd();
    process.chdir(join(shared, "later/dir"));
    try {
      await tspod.ok(["rm", "-f", "p"]);
    } finally {
      process.chdir(cwd);
    }
    expect(hostMounts(shared)).toEqual([join(shared, "later")]);
  });

  it("leaves all as it is where the host has mounts of its own, and says so at the start", async () => {
    host("mount", "-t", "tmpfs", "tmpfs", join(shared, "below"));
    const started = await run([mounting("a", "Bidirectional")]);
    expect(started.stderr).toContain(
      `there are other mounts below ${shared}, so what containers mount there`,
    );
    await inside("a")("mount -t tmpfs t /v/below && mount -t tmpfs t /v/later");
    await tspod.ok(["rm", "-f", "p"]);
    expect(hostMounts(shared).sort()).toEqual(["below", "below", "later"].map((name) => join(shared, name)));
  });

  it("in an emptyDir: what a container mounts there is the others', and goes with the pod", async () => {
    // The pod's own folder must be on a shared mount: here the whole root of this tspod is made one.
    host("mount", "--bind", tspod.dir, tspod.dir);
    host("mount", "--make-shared", tspod.dir);
    try {
      for (const emptyDir of [{}, { medium: "Memory" }]) {
        const containers = [mounting("a", "Bidirectional"), mounting("b", "HostToContainer")];
        const started = await run(containers, { emptyDir });
        expect(started.code).toBe(0);
        await inside("a")("mkdir /v/m && mount -t tmpfs t /v/m && echo yes > /v/m/file");
        expect(await inside("b")("cat /v/m/file")).toBe("yes\n");
        const volumes = join(tspod.dir, "var/lib/tspod/pods");
        expect(hostMounts(volumes).some((point) => point.endsWith("/empty-dir~v/m"))).toBe(true);
        await tspod.ok(["rm", "-f", "p"]);
        expect(hostMounts(volumes)).toEqual([]);
      }
    } finally {
      host("umount", "-l", tspod.dir);
    }
  });

  it.each([
    ["Bidirectional", "shared"],
    ["HostToContainer", "shared or slave"],
  ])("%s of a mount without peers is refused before anything is made", async (propagation, kind) => {
    host("mount", "--make-private", shared);
    const refused = await run([mounting("a", propagation)]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(
      `path "${shared}" is mounted on "${shared}" but it is not a ${kind} mount`,
    );
    expect(refused.stderr).toContain("mount --make-rshared");
    expect(await tspod.ok(["ps", "-a"])).not.toContain("p ");
  });
});
