import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const NAMES = ["a", "b", "c"];

/** Ends on TERM when all the others have been asked to end as well; alone it is killed at the end of its grace period. */
function meeting(name: string, folder: string): Pod {
  const script = `trap 'touch /met/asked-${name}; until [ $(ls /met | grep -c asked-) = ${NAMES.length} ]; do sleep 0.1; done; touch /met/ended-${name}; exit' TERM
    touch /met/up-${name}; while :; do sleep 0.1; done`;
  const container = sh("c", script, { volumeMounts: [{ name: "met", mountPath: "/met" }] });
  const made = pod(name, [container], {
    terminationGracePeriodSeconds: 600,
    volumes: [{ name: "met", hostPath: { path: folder } }],
  });
  return { ...made, metadata: { name, labels: { app: "meeting" } } } as Pod;
}

function room(): string {
  const folder = join(tspod.dir, "met");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

const manifests = (...pods: Pod[]) => tspod.manifest(pods.map((one) => JSON.stringify(one)).join("\n---\n"));
const all = (word: string) => NAMES.map((name) => `${word}-${name}`);

it.each([
  ["rm --all", ["rm", "--all"]],
  ["rm -l", ["rm", "-l", "app=meeting"]],
  ["rm NAMES", ["rm", ...NAMES]],
  ["stop --all", ["stop", "--all"]],
  ["delete -f", ["delete", "--filename"]],
  ["down", ["down"]],
])("%s asks all pods to end at once, and tells of them in order", async (_, command) => {
  const folder = room();
  const file = manifests(...NAMES.map((name) => meeting(name, folder)));
  await tspod.ok(["run", "-d", file]);
  await eventually(() => expect(readdirSync(folder)).toEqual(expect.arrayContaining(all("up"))));
  const ofFile = command.at(-1) === "down" || command.at(-1) === "--filename";
  const said = await tspod.ok(ofFile ? [...command, file] : command);
  const done = command[0] === "stop" ? "stopped" : "deleted";
  expect(said).toBe(NAMES.map((name) => `pod "${name}" ${done}\n`).join(""));
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(all("ended")));
  if (done === "stopped") await tspod.ok(["rm", "--all"]);
  rmSync(folder, { recursive: true });
});

it("kill --all signals what runs, and passes over what has ended", async () => {
  await tspod.ok(["run", "-d", manifests(pod("over", [sh("c", "exit 0")]), pod("up", [idle("c")]))]);
  await tspod.ok(["wait", "--for=jsonpath={.status.phase}=Succeeded", "over"]);
  expect(await tspod.ok(["kill", "--all"])).toBe('pod "up": SIGKILL sent\n');
  expect(await tspod.run(["kill", "over"])).toMatchObject({ code: 1 });
  await tspod.ok(["rm", "--all"]);
  for (const command of ["stop", "kill", "rm"]) {
    const none = await tspod.run([command, "--all"]);
    expect(none, command).toMatchObject({ code: 0, stdout: "", stderr: "No resources found\n" });
    for (const args of [[], ["up", "--all"], ["up", "-l", "a=b"]])
      expect(await tspod.run([command, ...args]), command).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^error\[TS3406\]: .*\n {2}help: /),
      });
  }
});
