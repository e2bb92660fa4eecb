import { describe, expect, it } from "vitest";
import { eventually, httpGet } from "../support/tspod.ts";
import { pod, sh, web } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** Does the work for all, `width` at a time, in order. */
async function inTurn<T>(all: readonly T[], width: number, work: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  const worker = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

describe("fifty pods of two containers", () => {
  it("are started, used and removed, every command at its first try", { timeout: 900_000 }, async () => {
    const names = Array.from({ length: 50 }, (_, index) => `pod-${String(index).padStart(2, "0")}`);
    const mount = { volumeMounts: [{ name: "site", mountPath: "/site" }] };
    const manifest = (name: string) =>
      pod(
        name,
        [
          sh(
            "writer",
            `echo ${name} > /site/index.html; echo wrote; trap exit TERM; while :; do sleep 9 & wait; done`,
            mount,
          ),
          web("server", 80, "", { ...mount, command: ["httpd", "-f", "-v", "-p", "80", "-h", "/site"] }),
        ],
        { volumes: [{ name: "site", emptyDir: {} }] },
      );
    // One after the other first, then several at a time: they share the pool of addresses, the bridge and the table.
    const start = async (name: string) =>
      expect(await tspod.run(["run", "-q", "-d", tspod.manifest(manifest(name))])).toMatchObject({
        code: 0,
        stdout: `pod/${name} started\n`,
      });
    await inTurn(names.slice(0, 5), 1, start);
    await inTurn(names.slice(5), 4, start);

    const rows = (await tspod.ok(["ps", "-o", "wide", "--no-headers"]))
      .trimEnd()
      .split("\n")
      .map((row) => row.split(/ {2,}/));
    expect(rows.map(([name, ready, status, restarts]) => [name, ready, status, restarts])).toEqual(
      names.map((name) => [name, "2/2", "Running", "0"]),
    );
    const addresses = new Map(rows.map(([name, , , , , address]) => [name as string, address as string]));
    expect(new Set(addresses.values()).size).toBe(50);

    // A container has started before its program listens, and has written its page.
    const served = async (name: string) =>
      (await httpGet(`http://${addresses.get(name)}/`)).body === `${name}\n`;
    await inTurn(names, 4, async (name) => void (await eventually(() => served(name))));
    await inTurn(names, 4, async (name) => {
      expect(await tspod.run(["logs", "-c", "writer", name])).toMatchObject({ code: 0, stdout: "wrote\n" });
      const neighbour = addresses.get(names[(names.indexOf(name) + 1) % 50] as string);
      const script = `hostname; cat /site/index.html; wget -qO- http://${neighbour}/; exit 9`;
      expect(await tspod.run(["exec", "-c", "server", name, "--", "sh", "-c", script])).toMatchObject({
        code: 9,
        stdout: `${name}\n${name}\n${names[(names.indexOf(name) + 1) % 50]}\n`,
      });
    });

    const remove = async (...some: string[]) =>
      expect(await tspod.run(["rm", ...some])).toMatchObject({
        code: 0,
        stdout: some.map((name) => `pod "${name}" deleted\n`).join(""),
      });
    await inTurn(names.slice(0, 5), 1, remove);
    await inTurn(names.slice(5, 25), 4, remove);
    await tspod.ok(["rm", ...names.slice(25)]);
    expect(await tspod.run(["ps", "-a", "-A"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "No resources found\n",
    });
    expect(await tspod.ok(["gc"])).toBe("nothing to remove\n");
  });

  it("of one name, started at the same time, are one pod", async () => {
    const file = tspod.manifest(pod("same", [web("a", 80, "x")]));
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => tspod.run(["run", "-q", "-d", file])));
    expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 5, 5, 5, 5, 5]);
    expect(await tspod.ok(["ps", "-o", "name"])).toBe("pod/same\n");
    // Removed by several at once: one of them did it, the others say that it is gone.
    const removals = await Promise.all(Array.from({ length: 4 }, () => tspod.run(["rm", "-f", "same"])));
    for (const { code, stderr } of removals) {
      if (code !== 0)
        expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining("not found") });
    }
    expect(removals.some(({ code }) => code === 0)).toBe(true);
  });

  it("come and go in one loop without a trace of the ones before", async () => {
    const file = tspod.manifest(pod("again", [sh("a", "exit 0")]));
    for (let round = 0; round < 10; round++) {
      expect((await tspod.run(["run", "-q", file])).code).toBe(0);
    }
  });
});
