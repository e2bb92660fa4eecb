import { expect } from "vitest";
import { applyWorkloadDefaults } from "../../../src/manifest/index.ts";
import type { ServiceObject, WorkloadObject } from "../../../src/manifest/workload-object.ts";
import { parse, problemsOf } from "./support.ts";

export const META: Record<string, string> = { Job: "batch/v1", CronJob: "batch/v1", Service: "v1" };
export const TEMPLATE = `template:
  metadata: {labels: {app: web}}
  spec:
    containers: [{name: a, image: busybox}]`;
export const FINITE = `template:
  spec:
    restartPolicy: Never
    containers: [{name: a, image: busybox}]`;
export const SELECTOR = "selector: {matchLabels: {app: web}}";

export const indent = (text: string, by: number) =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => " ".repeat(by) + line)
    .join("\n");

/** A manifest of the kind with these lines as its spec. */
export function manifest(kind: string, spec: string, name = "web"): string {
  return `apiVersion: ${META[kind] ?? "apps/v1"}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n${indent(spec, 2)}\n`;
}
export const lasting = (kind: string, spec = "", template = TEMPLATE) =>
  manifest(kind, `${SELECTOR}\n${template}\n${spec}`);
export const job = (spec = "", template = FINITE, name = "web") =>
  manifest("Job", `${template}\n${spec}`, name);
export const cron = (spec: string, template = FINITE) =>
  manifest("CronJob", `${spec}\njobTemplate:\n${indent(`spec:\n${indent(template, 2)}`, 2)}`);

export function good(text: string): WorkloadObject | ServiceObject {
  const { objects, problems, warnings } = parse(text);
  expect([...problems, ...warnings].map(({ message }) => message)).toEqual([]);
  return applyWorkloadDefaults(objects[0]?.object as WorkloadObject);
}

/** Every message, in the order of their places; a mark stands where each is expected. */
export function expectProblems(text: string, ...expected: string[]): void {
  const { marks, found } = problemsOf(text);
  expect(found).toEqual(expected.map((line, i) => `${marks[i]} ${line}`));
}
