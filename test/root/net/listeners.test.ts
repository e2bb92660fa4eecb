import { afterAll, beforeAll, expect, it } from "vitest";
import { readListeners, socketOwners } from "../../../src/kernel/listeners.ts";
import { hostPortConflicts } from "../../../src/net/index.ts";
import { World } from "./world.ts";

let world: World;

beforeAll(() => {
  world = new World();
});

afterAll(async () => await world.close());

it("finds who holds a port, by protocol, with pid and command", async () => {
  expect(readListeners()).toEqual([]);
  const pid = await world.serve(undefined, "busy", 7100, "127.0.0.1");
  for (const protocol of ["TCP", "UDP"] as const) {
    const wanted = { protocol, hostIP: "", hostPort: 7100 };
    const [conflict] = hostPortConflicts([wanted], readListeners(), []);
    if (conflict?.holder.kind !== "socket") throw new Error("no socket found");
    const { listener } = conflict.holder;
    expect(listener).toMatchObject({ address: "127.0.0.1", port: 7100, protocol });
    expect(socketOwners(new Set([listener.inode]))).toEqual(
      new Map([[listener.inode, { pid, command: "node" }]]),
    );
  }
  expect(hostPortConflicts([{ protocol: "TCP", hostIP: "", hostPort: 7101 }], readListeners(), [])).toEqual(
    [],
  );
});

it("sees the sockets of another namespace through a process in it", async () => {
  const pod = await world.pod(world.network());
  await world.serve(pod, "inside", 80);
  expect(readListeners(`/proc/${pod.pid}/net`).map(({ port }) => port)).toEqual([80, 80]);
  expect(readListeners().map(({ port }) => port)).not.toContain(80);
  world.stop(pod);
});

it("passes over sockets that no process holds", () => {
  expect(socketOwners(new Set(["0"]))).toEqual(new Map());
});
