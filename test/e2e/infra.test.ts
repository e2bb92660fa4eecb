import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idle, pod } from "./support/pods.ts";
import { descriptors, pidsOf, statusLine } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** A holder of one's own, as small as it can be: it reaps and waits. */
function compile(name: string, ...flags: string[]): string {
  const program = join(tspod.dir, name);
  writeFileSync(
    `${program}.c`,
    `#include <signal.h>
     #include <sys/wait.h>
     #include <unistd.h>
     static void reap(int n) { (void)n; while (waitpid(-1, 0, WNOHANG) > 0); }
     int main(void) { signal(SIGCHLD, reap); for (;;) pause(); }`,
  );
  execFileSync("gcc", [...flags, "-O2", "-o", program, `${program}.c`]);
  return program;
}

describe("a holder of one's own (S30)", () => {
  it("holds the user namespace of a pod with hostUsers: false, as nobody on the host", async () => {
    const program = compile("mapped-pause", "-static");
    const manifest = tspod.manifest(pod("users", [idle("a")], { hostUsers: false }));
    await tspod.ok(["run", "-d", "--infra-bin", program, manifest]);
    const { infra } = await pidsOf(tspod, "users");
    expect(Number(statusLine(infra, "Uid").split("\t")[0])).toBeGreaterThanOrEqual(524_288);
    expect(statusLine(infra, "CapBnd")).toMatch(/^0+$/);
    expect(await tspod.ok(["exec", "users", "--", "id", "-u"])).toBe("0\n");
    await tspod.ok(["rm", "-f", "users"]);
  });

  it("is PID 1 of the pod, by its annotation, and holds what the containers share", async () => {
    const program = compile("my-pause", "-static");
    const manifest = pod("own", [idle("a"), idle("b")], { shareProcessNamespace: true });
    Object.assign(manifest.metadata ?? {}, { annotations: { "tspod.dev/infra": `${program} --quiet` } });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const ps = await tspod.ok(["exec", "-c", "b", "own", "--", "ps", "-o", "pid,args"]);
    expect(ps).toMatch(new RegExp(`^ +1 ${program} --quiet$`, "m"));
    const { infra } = await pidsOf(tspod, "own");
    expect(descriptors(infra).size).toBe(0);
    for (const set of ["CapEff", "CapPrm", "CapBnd", "CapAmb"])
      expect(statusLine(infra, set)).toMatch(/^0+$/);
    expect(statusLine(infra, "NoNewPrivs")).toBe("1");
    // Orphans are its children, and it does what an init does.
    await tspod.ok(["exec", "-c", "a", "own", "--", "sh", "-c", "(sleep 0.1 &); sleep 0.3"]);
    expect(await tspod.ok(["exec", "-c", "a", "own", "--", "ps", "-o", "stat,args"])).not.toMatch(/^Z/m);
    await tspod.ok(["rm", "-f", "own"]);
  });

  it("is chosen for one run by a flag", async () => {
    const program = compile("other-pause", "-static");
    await tspod.ok(["run", "-d", "--infra-bin", program, tspod.manifest(pod("flag", [idle("a")]))]);
    const { infra } = await pidsOf(tspod, "flag");
    expect(execFileSync("cat", [`/proc/${infra}/cmdline`], { encoding: "utf8" })).toBe(`${program}\0`);
    await tspod.ok(["rm", "-f", "flag"]);
  });

  it.each([
    ["is not there", () => "/no/such/program", "cannot be read: ENOENT"],
    ["is no program", () => "/etc/hostname", "is not an ELF program"],
    ["needs libraries", () => compile("dynamic"), "is linked dynamically"],
    ["is a relative path", () => "bin/pause", "is not an absolute path"],
  ])("is refused when it %s, and nothing is made", async (_, program, said) => {
    const { code, stderr } = await tspod.run([
      "run",
      "-d",
      "--infra-bin",
      program(),
      tspod.manifest(pod("bad", [idle("a")])),
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
    expect(await tspod.ok(["ps", "-a", "-o", "name"])).toBe("");
  });
});
