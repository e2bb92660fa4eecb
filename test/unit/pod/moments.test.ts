import { expect, it } from "vitest";
import { podRow } from "../../../src/cli/render/pod-row.ts";
import { momentsAfter } from "../../../src/pod/moments.ts";
import { podWithStatus } from "../../../src/pod/status.ts";
import type { PodView } from "../../../src/pod/view.ts";
import { podView } from "./views.ts";

const second = (n: number) => `2026-01-01T00:00:0${n}.000Z`;
const rows = (view: PodView, since = 0) =>
  momentsAfter(view, since).map(({ view }) => {
    const { ready, status } = podRow(podWithStatus(view), new Date(second(9)));
    return `${ready} ${status}`;
  });

/** Asked for at 0; war from 1 to 2, tomcat from 3 on. */
function javaweb(): PodView {
  const view = podView({ init: { war: [{ code: 0 }] }, app: { tomcat: ["running"] } });
  view.record.createdAt = second(0);
  const [war, tomcat] = view.containers.map(({ attempts }) => attempts[0]);
  Object.assign(war?.record ?? {}, { createdAt: second(1), startedAt: second(1) });
  Object.assign(war?.exit ?? {}, { finishedAt: second(2) });
  Object.assign(tomcat?.record ?? {}, { createdAt: "2026-01-01T00:00:02.500Z", startedAt: second(3) });
  return view;
}

it("a pod is told as it became what it is, whatever was seen of it", () => {
  expect(rows(javaweb())).toEqual(["0/1 Pending", "0/1 Init:0/1", "0/1 PodInitializing", "1/1 Running"]);
});

it("what was told before is not told again", () => {
  const view = javaweb();
  const last = momentsAfter(view, 0).map(({ at }) => at);
  expect(last).toEqual([0, 1, 2, 3].map((n) => Date.parse(second(n))));
  expect(rows(view, last[1])).toEqual(["0/1 PodInitializing", "1/1 Running"]);
  expect(rows(view, last[3])).toEqual([]);
});

it("a pod that has failed and stopped was running before", () => {
  const view = podView({ app: { a: [{ code: 1 }] }, sandbox: { phase: "stopped", stoppedAt: second(6) } });
  const { infra, ...sandbox } = view.sandbox;
  // Its container was created at the very moment that it was asked for.
  expect(rows({ ...view, sandbox })).toEqual(["0/1 ContainerCreating", "1/1 Running", "0/1 Error"]);
});
