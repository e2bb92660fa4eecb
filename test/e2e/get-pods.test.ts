import { expect, it } from "vitest";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("pods are listed as kubectl lists them: wide, by fields, with columns of labels, those that are there of several", async () => {
  const labels = { app: "web", "example.com/tier": "front" };
  const web = pod("web", [idle("a")], { readinessGates: [{ conditionType: "example.com/lb" }] });
  await tspod.ok(["run", "-d", tspod.manifest({ ...web, metadata: { name: "web", labels } })]);
  await tspod.ok(["run", "-d", tspod.manifest(pod("over", [sh("a", "exit 0")]))]);
  await tspod.ok(["wait", "--for=jsonpath={.status.phase}=Succeeded", "over"]);
  const names = async (...flags: string[]) =>
    (await tspod.ok(["get", "pods", ...flags, "-o", "name"])).split("\n");

  expect(await tspod.ok(["get", "pods", "-o", "wide"])).toMatch(
    /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES +PORTS +UID\nover .*\nweb +1\/1 +Running +0 +\S+ +[\d.]+ +\S+ +<none> +0\/1 +<none> +\S+\n$/,
  );
  expect(await names("--field-selector=status.phase=Running")).toEqual(["pod/web", ""]);
  expect(await names("--field-selector", "status.phase!=Running")).toEqual(["pod/over", ""]);
  expect(await tspod.run(["get", "pods", "--field-selector=spec.image=x"])).toMatchObject({ code: 2 });
  expect(await tspod.ok(["get", "pods", "-L", "app,example.com/tier"])).toMatch(
    /^NAME .* AGE +APP +TIER\nover .*\nweb .* web +front\n$/,
  );

  // Flags as kubectl's parser has them, those of tspod itself and of a command below a command included.
  expect(
    await tspod.ok(["-n=default", "get", "pods", "-o=name", "--all-namespaces=false", "-l=app=web"]),
  ).toBe("pod/web\n");
  const made = ["create", "configmap", "c", "--from-literal=a=b", "--dry-run=client", "-o=name"];
  expect(await tspod.ok(made)).toBe("configmap/c\n");

  const some = await tspod.run(["get", "pods", "web", "none", "-o", "name"]);
  expect(some).toMatchObject({ code: 4, stdout: "pod/web\n" });
  expect(some.stderr).toMatch(/^error\[TS3401\]: pod "none" not found/);
  const kinds = await tspod.run(["get", "pod/web", "cm/none", "-o", "name"]);
  expect(kinds).toMatchObject({
    code: 4,
    stdout: "pod/web\n",
    stderr: expect.stringContaining('"none" not found'),
  });
  for (const none of [
    ["pod", "none"],
    ["cm", "none"],
    ["pod/none", "cm/none"],
  ]) {
    expect((await tspod.run(["get", ...none])).code, none.join(" ")).toBe(4);
    const passed = await tspod.run(["get", ...none, "--ignore-not-found", "-o", "json"]);
    expect(passed, none.join(" ")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  }
  await tspod.ok(["rm", "-f", "--all"]);
});
