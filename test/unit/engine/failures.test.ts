import { describe, expect, it } from "vitest";
import { execute, unwind } from "../../../src/engine/execute.ts";
import { closeHandles, newHandles } from "../../../src/engine/handles.ts";
import { Journal } from "../../../src/engine/journal.ts";
import { TspodError } from "../../../src/errors/tspod-error.ts";
import { FakeKernel } from "../../../src/kernel/fake/index.ts";
import { planContainerOf, planSandboxOf } from "../../../src/plan/pod.ts";
import { podInput, standInImage } from "../plan/support.ts";

/** What the commands make before the first op: the pod's own folder and its parents. */
const GIVEN = [
  "/run/tspod/pods/u1",
  "/var/lib/tspod/pods",
  "/var/log/pods",
  "/sys/fs/cgroup/unified",
  "/sys/fs/cgroup/memory",
  "/sys/fs/cgroup/cpu",
  "/sys/fs/cgroup/pids",
];

/** With `hostUsers: false`, ids of its own. */
const MAPPED = { userNamespace: { first: 524_288, size: 65_536, directory: "/run/tspod/ids" } };

function wholePod(more: Parameters<typeof podInput>[1]) {
  const input = podInput(undefined, more);
  const sandbox = planSandboxOf(input);
  const containers = input.spec.containers.map((container) =>
    planContainerOf(input, {
      container,
      kind: "app",
      attempt: 0,
      image: standInImage,
      seccomp: { filter: "", flags: 0 },
    }),
  );
  return [
    ...sandbox.ops,
    ...containers.flatMap(({ ops }, index) => [
      ...ops,
      { op: "container-exec" as const, name: input.spec.containers[index]?.name ?? "" },
    ]),
  ];
}

function attempt(failAt: number, more: Parameters<typeof podInput>[1] = {}) {
  const kernel = new FakeKernel(GIVEN);
  kernel.failAt = failAt;
  const before = new Set(kernel.tree.nodes.keys());
  const handles = newHandles("u1", "10.85.0.2");
  const journal = new Journal(kernel, "/run/tspod/pods/u1/journal");
  let failure: unknown;
  try {
    execute(wholePod(more), { kernel, handles, journal });
  } catch (error) {
    failure = error;
  }
  kernel.failAt = -1;
  closeHandles(kernel, handles);
  return {
    kernel,
    before,
    failure,
    undo: () => unwind(journal.undo(), { kernel, handles: newHandles("u1", "") }),
  };
}

function leftovers({ kernel, before }: ReturnType<typeof attempt>): string[] {
  const files = [...kernel.tree.nodes.keys()].filter((path) => !before.has(path) && !allowed(path));
  return [...kernel.left(), ...files];
}

/** The journal itself, which goes with the pod's folder, and the pool's memory of its last address. */
function allowed(path: string): boolean {
  return (
    path === "/run/tspod/pods/u1/journal" ||
    path.startsWith("/run/tspod/network") ||
    /^\/run\/tspod\/ids(\/last)?$/.test(path)
  );
}

describe("undo from the journal", () => {
  const calls = attempt(-1).kernel.calls;

  it("takes back a pod that was made whole", () => {
    const whole = attempt(-1);
    expect(whole.failure).toBeUndefined();
    expect(whole.kernel.left().length).toBeGreaterThan(3);
    expect(whole.undo()).toEqual([]);
    expect(leftovers(whole)).toEqual([]);
  });

  it.each(attempt(-1, MAPPED).kernel.calls.map((call, index) => [index, call] as const))(
    "of a pod with users of its own leaves nothing when call %i (%s) fails",
    (index) => {
      const failed = attempt(index, MAPPED);
      expect(failed.failure).toBeInstanceOf(TspodError);
      expect(failed.undo()).toEqual([]);
      expect(leftovers(failed)).toEqual([]);
    },
  );

  it.each(calls.map((call, index) => [index, call] as const))(
    "leaves nothing when call %i (%s) fails",
    (index) => {
      const failed = attempt(index);
      expect(failed.failure).toBeInstanceOf(TspodError);
      expect((failed.failure as TspodError).errno).toBe("EIO");
      expect(failed.undo()).toEqual([]);
      expect(leftovers(failed)).toEqual([]);
    },
  );

  it("can be repeated: a second time finds nothing to do", () => {
    const whole = attempt(-1);
    whole.undo();
    expect(whole.undo()).toEqual([]);
    expect(leftovers(whole)).toEqual([]);
  });

  it("passes over a torn last line, whose op never acted", () => {
    const kernel = new FakeKernel(["/j"]);
    kernel.appendFile("/j/journal", '{"op":"unlink","path":"/a"}\n{"op":"unli');
    expect(new Journal(kernel, "/j/journal").undo()).toEqual([{ op: "unlink", path: "/a" }]);
  });
});
