import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stripDefaults } from "../../../src/cli/generate/strip-defaults.ts";
import { applyDefaults, type Pod } from "../../../src/manifest/index.ts";
import { parseManifests } from "../../../src/manifest/parse.ts";
import { checkout } from "../../support/tspod.ts";

const examples = readdirSync(join(checkout, "examples"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => join("examples", name));

function podsOf(text: string): Pod[] {
  const { objects, problems } = parseManifests([{ name: "test", text }], {});
  expect(problems).toEqual([]);
  return objects.flatMap(({ kind, object }) => (kind === "Pod" ? [applyDefaults(object)] : []));
}

describe("stripping defaults", () => {
  it.each(examples)("leaves of %s what makes the same pod again, and no default", (file) => {
    for (const pod of podsOf(readFileSync(join(checkout, file), "utf8"))) {
      const short = stripDefaults(pod);
      expect(podsOf(JSON.stringify(short))).toEqual([pod]);
      expect(short.spec).not.toHaveProperty("dnsPolicy");
      expect(stripDefaults(short)).toEqual(short);
    }
  });

  it("keeps what was said, in its order, and leaves the pod alone", () => {
    const said = {
      volumes: [{ name: "v", emptyDir: {} }],
      containers: [
        {
          name: "a",
          image: "nginx:1.25",
          ports: [{ containerPort: 80 }],
          resources: { limits: { cpu: "500m" } },
          livenessProbe: { httpGet: { port: 80 } },
          volumeMounts: [{ name: "v", mountPath: "/v" }],
        },
      ],
      terminationGracePeriodSeconds: 5,
    };
    const [pod] = podsOf(
      JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: said }),
    );
    const before = structuredClone(pod);
    const short = stripDefaults(pod as Pod);
    expect(short.spec).toEqual(said);
    expect(Object.keys(short.spec ?? {})).toEqual(Object.keys(pod?.spec ?? {}).filter((key) => key in said));
    expect(pod).toEqual(before);
  });

  it("keeps a value that is not the default", () => {
    const [pod] = podsOf(
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "p" },
        spec: { restartPolicy: "Never", containers: [{ name: "a", image: "x", imagePullPolicy: "Never" }] },
      }),
    );
    expect(stripDefaults(pod as Pod).spec).toEqual({
      restartPolicy: "Never",
      containers: [{ name: "a", image: "x", imagePullPolicy: "Never" }],
    });
  });
});
