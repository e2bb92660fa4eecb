import { describe, expect, it } from "vitest";
import { debugContainer, debuggerName } from "../../../src/cli/debug/container.ts";
import { type CopyOptions, copyOf } from "../../../src/cli/debug/copy.ts";
import type { PodRecord } from "../../../src/state/record.ts";

const probe = { exec: { command: ["true"] } };
const record = {
  namespace: "shop",
  pod: {
    metadata: { name: "web", labels: { app: "web" }, annotations: { a: "b" } },
    spec: {
      nodeName: "here",
      ephemeralContainers: [{ name: "old", image: "busybox" }],
      containers: [
        {
          name: "app",
          image: "app:1",
          command: ["app"],
          args: ["--serve"],
          livenessProbe: probe,
          startupProbe: probe,
        },
        {
          name: "side",
          image: "side:1",
          volumeMounts: [
            { name: "v", mountPath: "/v" },
            { name: "v", mountPath: "/w", subPath: "w" },
          ],
        },
      ],
      volumes: [{ name: "v", emptyDir: {} }],
    },
  },
} as unknown as PodRecord;

const options: CopyOptions = { name: "try", images: new Map(), shareProcesses: true, keep: new Set() };

describe("a copy of a pod", () => {
  it("has another name, no labels, no probes, and shares processes", () => {
    const copy = copyOf(record, options);
    expect(copy.metadata).toEqual({ name: "try", namespace: "shop" });
    expect(copy.spec).toMatchObject({ shareProcessNamespace: true, volumes: [{ name: "v" }] });
    expect(copy.spec).not.toHaveProperty("nodeName");
    expect(copy.spec).not.toHaveProperty("ephemeralContainers");
    expect(copy.spec.containers[0]).not.toHaveProperty("livenessProbe");
    // The pod itself is left alone.
    expect(record.pod.spec?.containers[0]).toHaveProperty("livenessProbe");
  });

  it("keeps what is asked for", () => {
    const copy = copyOf(record, {
      ...options,
      keep: new Set(["labels", "startupProbe"]),
      shareProcesses: false,
    });
    expect(copy.metadata).toMatchObject({ labels: { app: "web" } });
    expect(copy.metadata).not.toHaveProperty("annotations");
    expect(copy.spec).not.toHaveProperty("shareProcessNamespace");
    expect(copy.spec.containers[0]).toHaveProperty("startupProbe");
    expect(copy.spec.containers[0]).not.toHaveProperty("livenessProbe");
  });

  it("runs another command in a container, or other images", () => {
    const existing = { name: "app", command: ["sh"], stdin: true, tty: true };
    const [app, side] = copyOf(record, { ...options, existing }).spec.containers;
    expect(app).toMatchObject({ command: ["sh"], stdin: true, tty: true, image: "app:1" });
    expect(app).not.toHaveProperty("args");
    expect(side).toMatchObject({ image: "side:1" });
    const images = new Map([["side", "side:2"]]);
    const kept = copyOf(record, { ...options, existing: { ...existing, command: [] }, images }).spec
      .containers;
    expect(kept).toMatchObject([{ command: ["app"], args: ["--serve"] }, { image: "side:2" }]);
    const all = copyOf(record, { ...options, images: new Map([["*", "x"]]) }).spec.containers;
    expect(all.map(({ image }) => image)).toEqual(["x", "x"]);
  });
});

describe("a debug container", () => {
  const make = (flags: Partial<Parameters<typeof debugContainer>[3]> = {}) =>
    debugContainer(record.pod, "look", ["ls"], { image: "busybox:1", profile: "general", ...flags });

  it("has the rights of its profile", () => {
    expect(make().securityContext).toEqual({ capabilities: { add: ["SYS_PTRACE"] } });
    expect(make({ profile: "legacy" })).not.toHaveProperty("securityContext");
    expect(make({ profile: "legacy", withFs: true }).securityContext).toEqual(make().securityContext);
    expect(make({ profile: "sysadmin" }).securityContext).toEqual({ privileged: true });
    expect(make({ profile: "restricted" }).securityContext).toMatchObject({ runAsNonRoot: true });
  });

  it("has the volumes of another, but for subPaths, which it may not have", () => {
    expect(make({ volumesFrom: "side" }).volumeMounts).toEqual([{ name: "v", mountPath: "/v" }]);
    expect(() => make({ volumesFrom: "none" })).toThrow('there is no container "none"');
  });

  it("is named as kubectl names it", () => {
    expect(debuggerName()).toMatch(/^debugger-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(make({ env: ["A=b=c"] })).toMatchObject({
      name: "look",
      command: ["ls"],
      env: [{ name: "A", value: "b=c" }],
    });
    expect(() => make({ env: ["A"] })).toThrow("invalid env: A");
  });
});
