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

it("delete takes several kinds: by name, by commas, and all there is", async () => {
  const object = (kind: string, name: string) => ({ apiVersion: "v1", kind, metadata: { name } });
  const { spec } = pod("d", [idle("a")], { restartPolicy: "Always" });
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "same" },
    spec: { selector: { matchLabels: { app: "d" } }, template: { metadata: { labels: { app: "d" } }, spec } },
  };
  const parts = [
    pod("same", [idle("a")]),
    pod("other", [idle("a")]),
    object("ConfigMap", "same"),
    object("ConfigMap", "kept"),
    deployment,
  ];
  await tspod.ok(["apply", "-f", tspod.manifest(parts.map((one) => JSON.stringify(one)).join("\n---\n"))]);
  const left = async (kinds: string) =>
    (await tspod.ok(["get", kinds, "-o", "name"])).split("\n").filter(Boolean);

  // Each of the kind that it is named with.
  expect(await tspod.ok(["delete", "cm/same", "pod/other"])).toBe(
    'configmap "same" deleted\npod "other" deleted\n',
  );
  expect(await left("deploy,cm")).toEqual(["deployment.apps/same", "configmap/kept"]);
  const partly = await tspod.run(["delete", "pod,cm", "kept"]);
  expect(partly).toMatchObject({ code: 4, stdout: 'configmap "kept" deleted\n' });
  expect(await tspod.run(["delete", "all"])).toMatchObject({ code: 2 });
  expect(await tspod.run(["delete", "pod/same", "gizmo/same"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('rm does not know "gizmo/same"'),
  });
  expect(await tspod.ok(["delete", "all", "--all"])).toMatch(
    /^deployment\.apps "same" deleted\n(.*\n)*pod "same" deleted\n/,
  );
  await eventually(async () => expect(await left("all")).toEqual([]));
  expect(await tspod.run(["delete", "all", "--all"])).toMatchObject({
    code: 0,
    stderr: "No resources found\n",
  });
});

it("delete --now gives a pod a second, whatever its grace period", async () => {
  const deaf = pod("deaf", [sh("c", "trap '' TERM; while :; do sleep 1; done")], {
    terminationGracePeriodSeconds: 600,
  });
  await tspod.ok(["run", "-d", tspod.manifest(deaf)]);
  expect(await tspod.ok(["delete", "pod", "deaf", "--now"])).toBe('pod "deaf" deleted\n');
});

it("takes a word for a kind once: a pod can be called pod", async () => {
  await tspod.ok([
    "run",
    "-d",
    tspod.manifest(pod("pod", [idle("c")], { terminationGracePeriodSeconds: 0 })),
  ]);
  expect(await tspod.ok(["kill", "pod", "pod"])).toBe('pod "pod": SIGKILL sent\n');
  expect(await tspod.ok(["rm", "pod", "pod"])).toBe('pod "pod" deleted\n');
});
