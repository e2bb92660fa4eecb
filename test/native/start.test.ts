import { closeSync } from "node:fs";
import { expect, test } from "vitest";
import { helperImage } from "../../src/kernel/helper-image.ts";
import { encodePlan } from "../../src/plan/wire.ts";
import { addon, eventsUntil, own, type Running, waitEnd } from "./harness.ts";

/** The helper started by hand, with a plan that `start` would not make. */
function startWith(plan: number, more: { gate?: boolean } = {}): Running {
  const [events, theirs] = addon.pipe();
  const fds = [-1, -1, -1, plan, theirs];
  const child = addon.spawn({
    exeFd: helperImage(),
    argv: ["x"],
    env: [],
    flags: 0,
    fds: more.gate === false ? fds : [...fds, -1],
    cgroupFd: -1,
    setsid: true,
  });
  closeSync(theirs);
  own(events);
  own(child.pidfd);
  return { ...child, events, gate: -1, ops: [] };
}

const PLAN = encodePlan([{ op: "pause" }], { trace: false });

test("a plan that could still change is refused", () => {
  const helper = startWith(own(addon.memfd("plan", PLAN)));
  expect(eventsUntil(helper, "end")).toMatchObject([{ kind: "fail", errno: "EPERM", syscall: "fcntl" }]);
  expect(waitEnd(helper).code).toBe(125);
});

test("a plan that is no memfd is refused", () => {
  const helper = startWith(-1);
  expect(eventsUntil(helper, "end")).toMatchObject([{ kind: "fail", errno: "EINVAL", syscall: "fcntl" }]);
  expect(waitEnd(helper).code).toBe(125);
});

test("a malformed plan is refused with the record's number, before its first op", () => {
  const bytes = Buffer.from(
    encodePlan([{ op: "gate" }, { op: "umask", mask: 5 }, { op: "pause" }], { trace: false }),
  );
  bytes.write("x", bytes.indexOf("umask\0") + 6);
  const plan = own(addon.memfd("plan", bytes));
  addon.seal(plan);
  const helper = startWith(plan);
  expect(eventsUntil(helper, "end")).toMatchObject([
    { kind: "fail", step: 1, errno: "EBADMSG", syscall: "plan" },
  ]);
});

test("a missing descriptor among the first six ends it at once, since it would be filled by one of its own", () => {
  const plan = own(addon.memfd("plan", PLAN));
  addon.seal(plan);
  const helper = startWith(plan, { gate: false });
  expect(eventsUntil(helper, "end")).toEqual([]);
  expect(waitEnd(helper).code).toBe(125);
});

test("a gate without anybody behind it is not waited for", () => {
  const plan = own(addon.memfd("plan", encodePlan([{ op: "gate" }, { op: "pause" }], { trace: false })));
  addon.seal(plan);
  const helper = startWith(plan);
  expect(eventsUntil(helper, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "ECANCELED",
    syscall: "read",
  });
});
