import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { attack } from "../support/attack.ts";
import { idle, pod } from "../support/pods.ts";

const { tspod, inside } = attack();

/** Folders in folders, deeper than PATH_MAX: three chains of 3000 bytes, each put at the end of the next. */
const deep = (top: string) => {
  const chain = Array.from({ length: 15 }, () => "n".repeat(199)).join("/");
  return [
    `cd ${top}`,
    ...[1, 2, 3].map((part) => `mkdir -p t${part}/${chain} && touch t${part}/${chain}/file`),
    `mv t1 t2/${chain}/ && mv t2 t3/${chain}/`,
  ].join(" && ");
};

it("folders deeper than any path is long, and names that are no text, do not keep a pod from being removed", async () => {
  const volumes = [
    { name: "v", emptyDir: {} },
    {
      name: "e",
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
        },
      },
    },
  ];
  const app = idle("a", {
    volumeMounts: [
      { name: "v", mountPath: "/v" },
      { name: "e", mountPath: "/e" },
    ],
  });
  await tspod.ok(["run", "-d", tspod.manifest(pod("deep", [app], { volumes }))]);
  for (const top of ["/v", "/e", "/tmp"]) {
    const made = await inside(
      "deep",
      `${deep(top)} && mkdir "$(printf '\\377\\n')" && mkfifo "$(printf '\\376')"`,
    );
    expect(made).toMatchObject({ code: 0, stderr: "" });
  }
  const { stderr } = await tspod.run(["rm", "-f", "deep"]);
  expect(stderr).toBe("");
  expect(readdirSync(join(tspod.dir, "var/lib/tspod"))).not.toContain("pods");
});
