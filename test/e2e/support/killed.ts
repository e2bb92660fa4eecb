import { expect } from "vitest";
import { expectNoLeaks, type Snapshot } from "../../support/leak-check.ts";
import { freePort } from "../../support/ports.ts";
import type { Command, TspodRoot } from "../../support/tspod.ts";
import { idle, pod, sh } from "./pods.ts";

/** A pod that has a part in everything that could be left: address, port, volume, init container, two containers. */
export async function manifest(tspod: TspodRoot, name: string): Promise<string> {
  const mounts = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
  return tspod.manifest(
    pod(
      name,
      [
        sh("a", "exec sleep 3600", { ...mounts, ports: [{ containerPort: 80, hostPort: await freePort() }] }),
        idle("b", { ...mounts, resources: { limits: { memory: "32Mi", cpu: "100m" } } }),
      ],
      {
        initContainers: [sh("init", "echo prepared > /v/file", mounts)],
        volumes: [{ name: "v", emptyDir: {} }],
        shareProcessNamespace: true,
      },
    ),
  );
}

/** The command after the killed one: it finds the pod whole or not at all (or, with `grace`, asked to end), and nothing else. */
export async function next(
  tspod: TspodRoot,
  { before, name, moment, grace }: { before: Snapshot; name: string; moment: string; grace?: boolean },
): Promise<"whole" | "gone" | "ended"> {
  const ps = await tspod.run(["ps", "-a", "--no-headers"]);
  expect(ps.code, `${moment}: ${ps.stderr}`).toBe(0);
  expect(ps.stderr, moment).not.toMatch(/internal error|left:/);
  if (ps.stdout !== "") {
    expect(ps.stdout, moment).toMatch(
      new RegExp(
        `^${name} +(2/2 +Running|${grace ? "[012]/2 +Terminating|" : ""}0/2 +(Error|Completed|Init:\\S+|PodInitializing)) +0 `,
      ),
    );
  } else
    await expectNoLeaks(before).catch((error: Error) =>
      Promise.reject(new Error(`${moment}: ${error.message}`)),
    );
  const gc = await tspod.ok(["gc"]);
  // A pod whose `rm` was killed while it waited has what is left of its grace period: which command finds it over, or
  // finds the network that it was about to take away before the supervisor does, time tells.
  const late = [
    `removed pod default/${name}: an interrupted removal was finished`,
    "removed bridge \\S+, table \\S+",
  ];
  const said = / 0\/2 | Terminating /.test(ps.stdout)
    ? `(nothing to remove|${late.join("|")})`
    : "nothing to remove";
  expect(gc, moment).toMatch(new RegExp(`^(${said}\n)+$`));
  if (ps.stdout === "") return "gone";
  // What a killed `rm` had begun may have been finished meanwhile.
  await tspod.ok(["rm", "-t", "0", "--ignore-not-found", name]);
  await expectNoLeaks(before).catch((error: Error) =>
    Promise.reject(new Error(`${moment}, rm: ${error.message}`)),
  );
  return ps.stdout.includes("Running") ? "whole" : "ended";
}

/** How many moments are tried, in parts of the usual: TSPOD_KILL_DENSITY=10 looks ten times as closely. */
const density = Number(process.env.TSPOD_KILL_DENSITY ?? 1);

/** Numbers spread over 1…last, others in every run; a failure names the one it was seen at. */
export function spread(last: number, usual: number): number[] {
  const count = Math.min(last, Math.ceil(usual * density));
  const offset = Math.random();
  return Array.from({ length: count }, (_, index) => 1 + Math.floor(((index + offset) * last) / count));
}

/** Some of many, spread over all of them. */
export const some = <T>(all: readonly T[], usual: number): T[] =>
  spread(all.length, usual).map((place) => all[place - 1] as T);

/** Time to give to a test that tries so many moments. */
export const minutes = (n: number) => n * 60_000 * Math.max(1, density);

export async function kill(command: Command): Promise<void> {
  command.kill("SIGKILL");
  await command.outcome();
}
