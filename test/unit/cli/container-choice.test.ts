import { describe, expect, it } from "vitest";
import { chooseContainer } from "../../../src/cli/container-choice.ts";
import type { Pod } from "../../../src/manifest/index.ts";

const pod = (names: string[], init: string[] = [], annotation?: string): Pod => ({
  metadata: {
    name: "nginx-busybox-pod",
    ...(annotation ? { annotations: { "kubectl.kubernetes.io/default-container": annotation } } : {}),
  },
  spec: { containers: names.map((name) => ({ name })), initContainers: init.map((name) => ({ name })) },
});

describe("the container", () => {
  it("is the only one, without a word", () => {
    expect(chooseContainer(pod(["a"]), undefined)).toEqual({ container: "a" });
  });

  it("is the first, and that is said as kubectl says it", () => {
    expect(chooseContainer(pod(["nginx", "busybox"]), undefined)).toEqual({
      container: "nginx",
      notice: 'Defaulted container "nginx" out of: nginx, busybox\n',
    });
    expect(chooseContainer(pod(["a"], ["i"]), undefined).notice).toBe(
      'Defaulted container "a" out of: a, i (init)\n',
    );
  });

  it("is the one that the annotation names", () => {
    expect(chooseContainer(pod(["a", "b"], [], "b"), undefined)).toEqual({ container: "b" });
  });

  it("is the first when the annotation names none, and that is said", () => {
    expect(chooseContainer(pod(["a", "b"], [], "z"), undefined)).toEqual({
      container: "a",
      notice: 'Default container "z" (annotation) is not in the pod. Defaulted container "a" out of: a, b\n',
    });
  });

  it("is the one asked for, init containers too", () => {
    expect(chooseContainer(pod(["a", "b"], ["i"]), "b")).toEqual({ container: "b" });
    expect(chooseContainer(pod(["a", "b"], ["i"]), "i")).toEqual({ container: "i" });
  });

  it("must be there", () => {
    expect(() => chooseContainer(pod(["nginx", "busybox"]), "nope")).toThrow(
      "container nope is not valid for pod nginx-busybox-pod; choose one of: nginx, busybox",
    );
  });
});
