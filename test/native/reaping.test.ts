import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLONE_NEWPID } from "../../src/kernel/constants.ts";
import { addon, container, finish, HOLDER_FLAGS, holder, output, untilExecuted } from "./harness.ts";

/** A container in the PID namespace of a holder, as with shareProcessNamespace. */
function inPod(holderPidfd: number, argv: string[]) {
  return container({
    argv,
    flags: 0,
    stage1: [{ op: "setns", fd: 8, flags: CLONE_NEWPID }],
    fds: [holderPidfd],
  });
}

function childrenOf(pid: number): { pid: number; state: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state = "", parent] =
          readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        return Number(parent) === pid ? [{ pid: Number(name), state }] : [];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

test("PID 1 of a shared PID namespace is /pause, and the container sees itself beside it", () => {
  const pod = holder(HOLDER_FLAGS | CLONE_NEWPID);
  const one = inPod(pod.pidfd, ["/bin/sh", "-c", "ps -o pid,args"]);
  const { lines } = finish(one);
  const rows = lines.map((line) => line.split(" ").slice(3).join(" ").trim());
  expect(rows[1]).toBe("1 /pause");
  expect(rows.slice(2).join()).toContain("ps -o pid,args");
});

test("a thousand orphans are reaped by it", async () => {
  const pod = holder(HOLDER_FLAGS | CLONE_NEWPID);
  const one = inPod(pod.pidfd, [
    "/bin/sh",
    "-c",
    "i=0; while [ $i -lt 1000 ]; do (true & exit); i=$((i+1)); done; " +
      "i=0; while ps -o stat | grep -q Z && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done; ps -o stat,args",
  ]);
  const { record, lines } = finish(one);
  expect(record.code).toBe(0);
  expect(lines.join("\n")).not.toMatch(/\[true\]| F Z/);
  await expect.poll(() => childrenOf(pod.pid), { timeout: 60_000 }).toEqual([]);
});

test("a zombie does show when nobody reaps: the test above can fail", () => {
  // PID 1 is the shell here: it waits for no child that it did not start.
  const seen = output({
    sh: "sh -c '(true & exec sleep 600) & until ps -o stat | grep -q ^Z; do sleep 0.05; done; ps -o stat,args; kill $!'",
  });
  expect(seen).toMatch(/^Z/m);
});

test("TERM and INT from inside the pod do not take the sandbox down", () => {
  const pod = holder(HOLDER_FLAGS | CLONE_NEWPID);
  const one = inPod(pod.pidfd, [
    "/bin/sh",
    "-c",
    "kill -TERM 1; kill -INT 1; kill -HUP 1; kill -9 1; sleep 0.1; echo alive",
  ]);
  expect(finish(one).lines.at(-1)).toMatch(/ alive$/);
  expect(addon.poll([pod.pidfd], 100)).toEqual([]);
});

test("the holder's end ends every process of a shared PID namespace, and the exit says KILL", () => {
  const pod = holder(HOLDER_FLAGS | CLONE_NEWPID);
  const one = inPod(pod.pidfd, ["/bin/sleep", "100"]);
  untilExecuted(one);
  addon.pidfdSendSignal(pod.pidfd, 9);
  expect(finish(one).record).toMatchObject({ code: 137, signal: 9 });
});
