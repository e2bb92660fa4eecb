import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
let shared: string;
beforeEach(() => {
  if (shared) rmSync(shared, { recursive: true });
  shared = mkdtempSync(join(tmpdir(), "tspod-several-"));
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };

/** The second is made only when the first, which fails after that has begun, has been started again. */
function manifests(): string[] {
  const volumes = [{ name: "v", hostPath: { path: shared } }];
  const until = (what: string) => `until ${what}; do sleep 0.05; done`;
  const first = sh(
    "a",
    `echo run >> /v/runs; ${until("[ -e /v/second ]")}; [ $(wc -l < /v/runs) -ge 2 ] || exit 1; exec sleep 3600`,
    v,
  );
  const waits = sh("waits", `touch /v/second; ${until("[ $(wc -l < /v/runs) -ge 2 ]")}`, v);
  return [
    pod("first", [first], { restartPolicy: "OnFailure", volumes }),
    pod("second", [idle("b")], { initContainers: [waits], volumes }),
  ].map((one) => tspod.manifest(one));
}

describe("a pod that is run with others", () => {
  it("is supervised from its start on, in the foreground", async () => {
    const run = tspod.start(["run", ...manifests()]);
    await eventually(async () => /second +1\/1 +Running/.test(await tspod.ok(["ps"])));
    run.kill("SIGINT");
    await run.outcome();
    expect(readFileSync(join(shared, "runs"), "utf8")).toBe("run\nrun\n");
  });

  it("is supervised from its start on, in the background", async () => {
    await tspod.ok(["run", "-d", ...manifests()]);
    expect(readFileSync(join(shared, "runs"), "utf8")).toBe("run\nrun\n");
    await tspod.ok(["rm", "-f", "first", "second"]);
  });

  it("goes with the others, whatever it does, when one of them cannot be made", async () => {
    const [first = ""] = manifests();
    const broken = pod("second", [idle("b", { command: ["/nope"] })]);
    for (const flags of [[], ["-d"]]) {
      const run = await tspod.run(["run", ...flags, first, tspod.manifest(broken)]);
      expect(run.code).toBe(127);
      expect(await tspod.ok(["ps", "-a", "-o", "name"])).toBe("");
    }
  });
});
