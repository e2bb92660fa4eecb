import { describe, expect, it } from "vitest";
import { chooseContainer, containerList } from "../../../src/cli/container-choice.ts";
import { podExitCode } from "../../../src/pod/outcome.ts";
import { podStatus } from "../../../src/pod/status.ts";
import type { PodView } from "../../../src/pod/view.ts";
import { podView } from "./views.ts";

/** A pod with an ephemeral container whose attempts are those of `what`. */
function debugged(app: Parameters<typeof podView>[0]["app"], what: { code: number } | "running"): PodView {
  const view = podView({ ...(app ? { app } : {}) });
  const [added] = podView({ app: { look: [what] } }).containers;
  const spec = view.record.pod.spec!;
  spec.ephemeralContainers = [{ name: "look", image: "busybox", targetContainerName: "a" }];
  return { ...view, containers: [...view.containers, { ...added!, kind: "ephemeral" }] };
}

describe("an ephemeral container", () => {
  it("is listed by itself, and never ready", () => {
    const status = podStatus(debugged({ a: ["running"] }, "running"));
    expect(status.containerStatuses).toHaveLength(1);
    expect(status.ephemeralContainerStatuses).toMatchObject([
      { name: "look", ready: false, restartCount: 0, state: { running: {} } },
    ]);
    const [over] = podStatus(debugged({ a: ["running"] }, { code: 0 })).ephemeralContainerStatuses ?? [];
    expect(over?.ready).toBe(false);
  });

  it("changes neither the pod's phase nor its exit code, running or failed", () => {
    expect(podStatus(debugged({ a: [{ code: 0 }] }, { code: 3 })).phase).toBe("Succeeded");
    expect(podStatus(debugged({ a: [{ code: 0 }] }, "running")).phase).toBe("Succeeded");
    expect(podStatus(debugged({ a: ["running"] }, { code: 3 })).phase).toBe("Running");
    expect(podExitCode(debugged({ a: [{ code: 0 }] }, { code: 3 }))).toBe(0);
  });

  it("is named after the others, and is not the one that is meant when none is named", () => {
    const { pod } = debugged({ a: ["running"] }, "running").record;
    expect(containerList(pod)).toEqual(["a", "look (ephem)"]);
    expect(chooseContainer(pod, "look")).toEqual({ container: "look" });
    expect(chooseContainer(pod, undefined)).toMatchObject({ container: "a" });
  });
});
