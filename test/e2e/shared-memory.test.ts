import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { buildProbe, type Probe } from "./support/probe.ts";
import { host, isAlive, pidsOf, statField } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = (name: string, container: string) => async (script: string) =>
  await tspod.ok(["exec", "-c", container, name, "--", "sh", "-c", script]);

describe("shared memory (S25)", () => {
  let probe: Probe;
  beforeAll(() => {
    probe = buildProbe(tspod);
  });
  const two = (name: string, spec = {}) => {
    const mounts = { volumeMounts: [probe.mount] };
    return pod(name, [idle("a", mounts), idle("b", mounts)], { volumes: [probe.volume], ...spec });
  };
  const segments = "awk 'NR > 1 { print $2 }' /proc/sysvipc/shm";

  it("of all three kinds is the pod's, and no other's", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(two("one")), tspod.manifest(two("other"))]);
    const [a, b, other] = [inside("one", "a"), inside("one", "b"), inside("other", "a")];

    const id = (await a("/probe/probe shm-make 'in the segment'")).trim();
    expect(await b(segments)).toBe(`${id}\n`);
    expect(await b(`/probe/probe shm-read ${id}`)).toBe("in the segment\n");
    expect(await other(segments)).toBe("");
    expect(host("sh", "-c", segments).split("\n")).not.toContain(id);

    await a("/probe/probe mq-put /queue 'in the queue'");
    expect(await b("/probe/probe mq-take /queue")).toBe("in the queue\n");
    await expect(other("/probe/probe mq-take /queue")).rejects.toThrow("No such file or directory");

    await a("echo 'in /dev/shm' > /dev/shm/x");
    expect(await b("cat /dev/shm/x")).toBe("in /dev/shm\n");
    expect(await other("ls /dev/shm")).toBe("");
    expect(await a("stat -f -c %T /dev/shm")).toBe("tmpfs\n");
    expect(existsSync("/dev/shm/x")).toBe(false);
    await tspod.ok(["rm", "-f", "one", "other"]);
  });

  it("is the host's with hostIPC", async () => {
    const id = /(\d+)\s*$/.exec(host("ipcmk", "-M", "4096"))?.[1] as string;
    try {
      await tspod.ok(["run", "-d", tspod.manifest(two("host-ipc", { hostIPC: true }))]);
      expect((await inside("host-ipc", "a")(segments)).split("\n")).toContain(id);
      await tspod.ok(["rm", "-f", "host-ipc"]);
    } finally {
      host("ipcrm", "-m", id);
    }
  });

  it("and a shared process table: 1000 orphans are all reaped (S33)", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(two("reaped", { shareProcessNamespace: true }))]);
    const { infra, of } = await pidsOf(tspod, "reaped");
    const a = inside("reaped", "a");
    await a("/probe/probe orphans 1000");
    await eventually(async () => !(await a("ps -o stat,args")).includes("Z"));
    const children = readFileSync(`/proc/${infra}/task/${infra}/children`, "utf8");
    expect(children).toBe("");
    expect(isAlive(infra) && statField(infra, 3)).toBe("S");
    expect(isAlive(of("a"))).toBe(true);
    await tspod.ok(["rm", "-f", "reaped"]);
  });
});
