import { expect } from "vitest";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";
import { variablesOf } from "./support/variables.ts";

const node = kubelet();
const key = (name: string, entry: string, more: object = {}) => ({
  name,
  valueFrom: { fileKeyRef: { volumeName: "config", path: "app.env", key: entry, ...more } },
});
const told = node.ended(
  pod(
    "told",
    [
      sh("a", "env; ls /config 2>&1", {
        env: [key("COLOUR", "colour"), key("GONE", "nope", { optional: true })] as never,
      }),
    ],
    {
      initContainers: [
        sh("init", `printf "# a comment\\ncolour='deep red'\\n" > /config/app.env`, {
          volumeMounts: [{ name: "config", mountPath: "/config" }],
        }),
      ],
      volumes: [{ name: "config", emptyDir: {} }],
      restartPolicy: "Never",
    },
  ),
);

behaviour(
  "env-50",
  "fileKeyRef gives a key of a file that an init container has written",
  from.envFiles,
  async () => {
    expect(variablesOf((await told()).printed("a"))).toMatchObject({ COLOUR: "deep red" });
  },
);

behaviour("env-51", "the container itself does not mount the volume", from.envFiles, async () => {
  expect((await told()).printed("a")).toContain("/config: No such file or directory");
});

behaviour("env-52", "an optional key that is missing leaves the variable out", from.envFiles, async () => {
  expect(variablesOf((await told()).printed("a"))).not.toHaveProperty("GONE");
});
