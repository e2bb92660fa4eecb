import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { served } from "../../support/image/served.ts";
import { slowProxy } from "../../support/image/slow-proxy.ts";
import { openStore } from "../../support/image/store.ts";
import { tar } from "../../support/image/tar.ts";

const work = served();

describe("broken connections", () => {
  it("a registry killed half-way through a layer and started again: the pull ends well, no byte comes twice", async () => {
    const layers = [
      tar({ name: "small", data: randomBytes(1000) }),
      tar({ name: "big", data: randomBytes(24 << 20) }),
    ];
    const registry = await work.serve(undefined, layers);
    const proxy = await slowProxy(registry.port, 16 << 20);
    work.closing(() => proxy.close());
    const store = openStore(join(work.path, "s"));
    let killed: Promise<void> | undefined;
    const image = await store.ensure(`${proxy.host}/r/i:1`, {
      pullPolicy: "Always",
      onProgress: (p) => {
        if (
          p.kind !== "layer" ||
          p.digest !== registry.digests[1] ||
          p.phase !== "downloading" ||
          p.done < p.total / 3
        )
          return;
        killed ??= registry
          .kill()
          .then(() => sleep(200))
          .then(() => registry.restart());
      },
    });
    expect(killed).toBeDefined();
    await killed;
    expect(statSync(join(image.layers[0]!, "big")).size).toBe(24 << 20);
    const wanted = layers.reduce((total, layer) => total + layer.length, 0);
    expect(proxy.received()).toBeGreaterThan(wanted);
    // What was under way when the connection broke may be lost: socket buffers, no more.
    expect(proxy.received()).toBeLessThan(wanted + (2 << 20));
    expect(registry.log()).toMatch(/"GET \/v2\/r\/i\/blobs\/\S+ HTTP\/1.1" 206 /);
  });

  it("another command goes on where one that was killed stopped", async () => {
    const layer = tar({ name: "big", data: randomBytes(24 << 20) });
    const registry = await work.serve(undefined, [layer]);
    const proxy = await slowProxy(registry.port, 16 << 20);
    work.closing(() => proxy.close());
    const partial = join(work.path, "s/lib/images/ingest", registry.digests[0]!.slice(7), "partial");
    const failing = openStore(join(work.path, "s"), { retry: { attempts: 1, baseMs: 1 } }).ensure(
      `${proxy.host}/r/i:1`,
      { pullPolicy: "Always" },
    );
    failing.catch(() => undefined);
    while (!existsSync(partial) || statSync(partial).size < 6 << 20) await sleep(10);
    await registry.kill();
    await expect(failing).rejects.toMatchObject({ code: "TS6004" });
    expect(readdirSync(join(work.path, "s/lib/layers"))).toEqual([]);
    await registry.restart();
    await openStore(join(work.path, "s")).ensure(`${proxy.host}/r/i:1`, { pullPolicy: "Always" });
    expect(proxy.received()).toBeLessThan(layer.length + (2 << 20));
    expect(existsSync(partial)).toBe(false);
  });
});
