import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FastRoot } from "../support/fast-root.ts";
import { freePort } from "../support/ports.ts";
import { eventually } from "../support/tspod.ts";
import { idle } from "./support/pods.ts";
import { daemonPid } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";
import { lasting, names, pods, readyPods, type Seen, workload } from "./support/workloads.ts";

// A back-off of ten seconds lasts two.
const tspod = scenario(new FastRoot(5));

const deployment = (...containers: ReturnType<typeof idle>[]) =>
  tspod.manifest(
    workload("Deployment", "web", { replicas: 1, ...lasting("web", idle("c"), { containers }) }),
  );
const reason = ({ status }: Seen): string | undefined => status.containerStatuses?.[0]?.state.waiting?.reason;

async function waitsFor(what: string): Promise<Seen> {
  return eventually(async () => (await pods(tspod)).find((pod) => reason(pod) === what), {
    what: `a pod that waits with ${what}`,
  });
}

/** Looks while the daemon stands still: what it says first lasts until it has tried again. */
async function seenAtFirst<T>(what: string, look: () => Promise<T>): Promise<T> {
  const folder = join(tspod.dir, "run/tspod/pods");
  const says = (uid: string) => JSON.parse(readFileSync(join(folder, uid, "waiting/c.json"), "utf8")).reason;
  await eventually(() => readdirSync(folder).some((uid) => says(uid) === what), { what });
  const daemon = daemonPid(tspod) as number;
  process.kill(daemon, "SIGSTOP");
  try {
    return await look();
  } finally {
    process.kill(daemon, "SIGCONT");
  }
}

it("a pod of a workload waits for an image that cannot be had, and runs when it can", async () => {
  const image = `localhost:${await freePort()}/nobody/is:here`;
  await tspod.ok(["apply", "-f", deployment({ ...idle("c"), image }, idle("neighbour"))]);
  const refused = await seenAtFirst("ErrImagePull", () => waitsFor("ErrImagePull"));
  expect(refused.status).toMatchObject({ phase: "Pending", podIP: expect.any(String) });
  expect(refused.status.containerStatuses[0].state.waiting.message).toMatch(/REFUSED/);
  const held = await waitsFor("ImagePullBackOff");
  expect(held.status.containerStatuses[1].state).toHaveProperty("running");
  expect(held.metadata.uid).toBe(refused.metadata.uid);
  expect(held.status.containerStatuses[0].state.waiting.message).toMatch(
    `Back-off pulling image "${image}": ErrImagePull: `,
  );
  expect(await tspod.ok(["ps"])).toMatch(/1\/2 +(ImagePullBackOff|ErrImagePull) +0 /);
  const events = await tspod.ok(["events", names([held])[0] ?? ""]);
  for (const one of [
    `Failed to pull image "${image}": `,
    "Error: ErrImagePull",
    `Back-off pulling image "${image}"`,
    "Error: ImagePullBackOff",
  ])
    expect(events).toContain(one);
  await tspod.ok(["image", "tag", "busybox", image]);
  const [running] = await readyPods(tspod, 1);
  expect(running?.metadata.uid).toBe(held.metadata.uid);
  await gone();
});

it.each([
  [
    "ErrImageNeverPull",
    { image: "localhost/none:1", imagePullPolicy: "Never" },
    /is not present with pull policy of Never/,
  ],
  ["CreateContainerConfigError", { securityContext: { runAsNonRoot: true } }, /runAsNonRoot/],
])("a pod of a workload waits with %s", async (what, more, message) => {
  await tspod.ok(["apply", "-f", deployment({ ...idle("c"), ...more })]);
  const pod = await waitsFor(what);
  expect(pod.status.containerStatuses[0].state.waiting.message).toMatch(message);
  expect(await tspod.ok(["events", pod.metadata.name])).toContain("Error: ");
  await gone();
});

async function gone(): Promise<void> {
  await tspod.ok(["delete", "deployment", "web"]);
  await tspod.ok(["wait", "--for=delete", "pods", "--all", "--timeout=300s"]);
}
