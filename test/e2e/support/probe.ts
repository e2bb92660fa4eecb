import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Container, Volume } from "../../../src/manifest/index.ts";
import type { TspodRoot } from "../../support/tspod.ts";

const source = join(import.meta.dirname, "probe.c");

/** The static program that does in a container what busybox cannot: /probe/probe, for a pod and container with these. */
export interface Probe {
  volume: Volume;
  mount: NonNullable<Container["volumeMounts"]>[number];
}

export function buildProbe(tspod: TspodRoot): Probe {
  const path = join(tspod.dir, "probe");
  mkdirSync(path, { recursive: true });
  execFileSync("musl-gcc", [
    "-static",
    "-Os",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-o",
    join(path, "probe"),
    source,
  ]);
  return {
    volume: { name: "probe", hostPath: { path, type: "Directory" } },
    mount: { name: "probe", mountPath: "/probe", readOnly: true },
  };
}
