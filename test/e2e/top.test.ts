import { expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("top reads back what containers use, within the limits they were given", async () => {
  const manifest = tspod.manifest(`
apiVersion: v1
kind: Pod
metadata: {name: busy}
spec:
  containers:
  - name: spinner
    image: busybox
    command: [sh, -c, "while :; do :; done"]
    resources: {limits: {cpu: 200m, memory: 64Mi}}
  - {name: sleeper, image: busybox, command: [sleep, "1000"]}
`);
  await tspod.ok(["run", "-d", manifest]);
  // On a busy machine it may get less than its share for a while.
  const pod = await eventually(async () => {
    const [one] = JSON.parse(await tspod.ok(["top", "busy", "-o", "json", "--interval", "1s"]));
    const { cpuMilli, throttledPeriods } = one.containers[0].usage;
    return cpuMilli > 20 && throttledPeriods > 0 && one;
  });
  const [spinner, sleeper] = pod.containers;
  // The quota is given in periods of 100 ms: over a second, one more than its share at the most.
  expect(spinner.usage.cpuMilli).toBeLessThan(320);
  expect(spinner.usage.memoryLimitBytes).toBe(64 * 1024 * 1024);
  expect(sleeper.usage).toMatchObject({ pids: 1 });
  expect(sleeper.usage.memoryLimitBytes).toBeUndefined();
  expect(pod.usage.cpuMilli).toBeGreaterThanOrEqual(sleeper.usage.cpuMilli);
  expect(await tspod.ok(["top", "busy", "--containers"])).toMatch(
    /^POD +NAME +CPU\(cores\) +MEMORY\(bytes\) +PIDS\nbusy +spinner +\d+m +\d+Mi +1\nbusy +sleeper +\d+m +\d+Mi +1\n$/,
  );
  await tspod.ok(["rm", "-f", "busy"]);
});
