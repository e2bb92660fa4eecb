import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { Container } from "../../../src/manifest/index.ts";
import { buildProbe } from "./probe.ts";
import { scenario } from "./scenario.ts";

/**
 * A tspod to attack, and a file of the host, the canary, that must stay unread and unchanged whatever a container
 * does. Containers made with `probed` in a pod with `volumes()` have /probe/probe.
 */
export function attack() {
  const tspod = scenario();
  const probe = buildProbe(tspod);
  const folder = join(tspod.dir, "canary");
  const canary = { folder, path: join(folder, "secret"), secret: randomBytes(16).toString("hex") };
  mkdirSync(folder);
  writeFileSync(canary.path, canary.secret);
  afterAll(() => {
    expect(readFileSync(canary.path, "utf8")).toBe(canary.secret);
    expect(readdirSync(folder)).toEqual(["secret"]);
  });
  return {
    tspod,
    canary,
    inside: (name: string, script: string) => tspod.run(["exec", name, "--", "sh", "-c", script]),
    probed: (container: Partial<Container> = {}) => ({ volumeMounts: [probe.mount], ...container }),
    volumes: () => ({ volumes: [probe.volume] }),
  };
}
