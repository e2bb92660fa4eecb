import { describe, expect, it, vi } from "vitest";
import { onFakeClock, probe, Run } from "./probe-run.ts";

onFakeClock();

describe("without probes", () => {
  it("a container is started and ready at once", () => {
    expect(new Run({}).notes).toEqual(["0 started ready"]);
  });

  it("nothing is said that was known", () => {
    expect(new Run({}, { initial: { started: true, ready: true } }).notes).toEqual([]);
  });
});

describe("liveness", () => {
  it("is probed every period, and kills at the third failure", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { terminationGracePeriodSeconds: 7 }) },
      { answer: (_, at) => (at < 20 ? "success" : "failure") },
    );
    expect(await run.to(100)).toEqual([
      "0 started ready",
      "10 live",
      "20 live",
      "20 Warning Unhealthy: Liveness probe failed: said",
      "30 live",
      "30 Warning Unhealthy: Liveness probe failed: said",
      "40 live",
      "40 Warning Unhealthy: Liveness probe failed: said",
      "40 kill for liveness in 7",
    ]);
  });

  it.each([
    [5, 10, 10],
    [10, 10, 10],
    [11, 10, 20],
    [15, 4, 16],
    [0, 3, 3],
  ])(
    "with an initial delay of %i s and a period of %i s is probed first at %i s",
    async (delay, period, first) => {
      const run = new Run({
        livenessProbe: probe("live", { initialDelaySeconds: delay, periodSeconds: period }),
      });
      await run.to(60);
      expect(run.at("live")[0]).toBe(first);
    },
  );

  it("does not count what found nothing out", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { failureThreshold: 2 }) },
      { answer: (_, at) => (at === 20 ? "throw" : "failure") },
    );
    expect(await run.to(100)).toEqual([
      "0 started ready",
      "10 live",
      "10 Warning Unhealthy: Liveness probe failed: said",
      "20 live",
      "20 Warning Unhealthy: Liveness probe errored and resulted in unknown state: no way in",
      "30 live",
      "30 Warning Unhealthy: Liveness probe failed: said",
      "30 kill for liveness",
    ]);
  });

  it("counts a warning as success", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { failureThreshold: 2 }) },
      { answer: (_, at) => (at === 20 ? "warning" : at < 40 ? "failure" : "success") },
    );
    expect(await run.to(50)).toEqual([
      "0 started ready",
      "10 live",
      "10 Warning Unhealthy: Liveness probe failed: said",
      "20 live",
      "20 Warning ProbeWarning: Liveness probe warning: said",
      "30 live",
      "30 Warning Unhealthy: Liveness probe failed: said",
      "40 live",
      "50 live",
    ]);
  });

  it("is not missed for a clock that was set back a little during the initial delay", async () => {
    const run = new Run({ livenessProbe: probe("live", { initialDelaySeconds: 10 }) });
    await run.to(5);
    vi.setSystemTime(Date.now() - 5);
    await run.to(11);
    expect(run.at("live")).toEqual([9.995]);
  });

  it("ends when it has failed for good, and startup with it; readiness is probed to the end", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { failureThreshold: 1 }), readinessProbe: probe("ready") },
      { answer: (name) => (name === "live" ? "failure" : "success") },
    );
    await run.to(35);
    expect(run.at("live")).toEqual([10]);
    expect(run.at("ready")).toEqual([1, 11, 21, 31]);
    expect(run.notes.filter((note) => note.includes("kill"))).toEqual(["10 kill for liveness"]);
  });

  it("makes up for one turn missed while another was taken, and not for more", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { periodSeconds: 1 }) },
      { answer: (_, at) => (at === 1 ? { hang: 3.5 } : "success") },
    );
    await run.to(7);
    expect(run.at("live")).toEqual([1, 4.5, 5, 6, 7]);
  });
});

describe("readiness", () => {
  it("is looked at a second after the start, and then every period from there", async () => {
    const run = new Run(
      { readinessProbe: probe("ready") },
      { answer: (_, at) => (at < 20 ? "failure" : "success") },
    );
    expect(await run.to(32)).toEqual([
      "0 started unready",
      "1 ready",
      "1 Warning Unhealthy: Readiness probe failed: said",
      "11 ready",
      "11 Warning Unhealthy: Readiness probe failed: said",
      "21 ready",
      "21 started ready",
      "31 ready",
    ]);
  });

  it("is lost after three failures and won back by one success", async () => {
    const run = new Run(
      { readinessProbe: probe("ready", { periodSeconds: 1 }) },
      { answer: (_, at) => (at < 3 || at > 7 ? "success" : "failure") },
    );
    await run.to(9);
    expect(run.notes.filter((note) => note.includes("started"))).toEqual([
      "0 started unready",
      "1 started ready",
      "5 started unready",
      "8 started ready",
    ]);
  });

  it("is not looked at twice when its period is a second", async () => {
    const run = new Run(
      { readinessProbe: probe("ready", { periodSeconds: 1 }) },
      { answer: () => "failure" },
    );
    await run.to(3);
    expect(run.at("ready")).toEqual([1, 2, 3]);
  });

  it("is not looked at out of turn when it is ready", async () => {
    const initial = { started: true, ready: true };
    const run = new Run({ readinessProbe: probe("ready", { periodSeconds: 4 }) }, { initial });
    await run.to(9);
    expect(run.at("ready")).toEqual([4, 8]);
  });

  it("waits for its initial delay", async () => {
    const run = new Run({ readinessProbe: probe("ready", { initialDelaySeconds: 5, periodSeconds: 3 }) });
    await run.to(11);
    expect(run.at("ready")).toEqual([7, 10]);
  });
});

describe("startup", () => {
  const all = {
    startupProbe: probe("start", { periodSeconds: 2, failureThreshold: 5 }),
    livenessProbe: probe("live", { periodSeconds: 3 }),
    readinessProbe: probe("ready"),
  };

  it("holds the others back, and readiness is looked at as soon as it succeeds", async () => {
    const run = new Run(all, { answer: (name, at) => (name === "start" && at < 8 ? "failure" : "success") });
    await run.to(20);
    expect(run.at("start")).toEqual([2, 4, 6, 8]);
    expect(run.at("live")).toEqual([9, 12, 15, 18]);
    expect(run.at("ready")).toEqual([8, 18]);
    expect(run.notes.filter((note) => note.includes("started"))).toEqual([
      "8 started unready",
      "8 started ready",
    ]);
  });

  it("kills when it has failed as often as it may", async () => {
    const run = new Run(all, { answer: () => "failure" });
    await run.to(100);
    expect(run.at("start")).toEqual([2, 4, 6, 8, 10]);
    expect(run.notes.at(-1)).toBe("10 kill for startup");
    expect(run.at("live")).toEqual([]);
  });
});

describe("a supervisor that takes over", () => {
  it("goes on in step, with what is known", async () => {
    const run = new Run(
      { startupProbe: probe("start"), livenessProbe: probe("live"), readinessProbe: probe("ready") },
      { age: 47, initial: { started: true, ready: true } },
    );
    expect(await run.to(14)).toEqual(["3 live", "3 ready", "13 live", "13 ready"]);
  });

  it("looks at once at what is not ready", async () => {
    const run = new Run(
      { readinessProbe: probe("ready") },
      { age: 47, initial: { started: true, ready: false } },
    );
    expect(await run.to(1)).toEqual(["0 ready", "0 started ready"]);
  });
});

describe("the end", () => {
  it("of the pod ends liveness, not readiness", async () => {
    const run = new Run({ livenessProbe: probe("live"), readinessProbe: probe("ready") });
    await run.to(12);
    run.probes.terminating();
    await run.to(35);
    expect(run.at("live")).toEqual([10]);
    expect(run.at("ready")).toEqual([1, 11, 21, 31]);
  });

  it("of the pod ends a liveness probe that is being made, too", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { periodSeconds: 1, failureThreshold: 1 }) },
      { answer: () => ({ hang: 1, result: "failure" }) },
    );
    await run.to(1.5);
    run.probes.terminating();
    expect(await run.to(5)).toEqual(["0 started ready", "1 live"]);
  });

  it("of the attempt ends all, and what is being probed counts no more", async () => {
    const run = new Run(
      { livenessProbe: probe("live", { periodSeconds: 1, failureThreshold: 1 }) },
      { answer: () => ({ hang: 1, result: "failure" }) },
    );
    await run.to(1.5);
    run.probes.stop();
    const before = [...run.notes];
    expect(await run.to(60)).toEqual(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("goes as fast as the pod's time", async () => {
  const run = new Run({ livenessProbe: probe("live", { initialDelaySeconds: 15 }) }, { speed: 100 });
  await run.to(50);
  expect(run.at("live")).toEqual([20, 30, 40, 50]);
});
