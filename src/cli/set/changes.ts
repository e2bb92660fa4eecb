import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Container, PodSpec, ResourceRequirements } from "../../manifest/index.ts";
import { parseQuantity } from "../../manifest/quantity.ts";

/** `web nginx=nginx:1.27 app=app:2`: what stands before the first `=` is a container's name, or `*`. */
export function splitImages(words: readonly string[]): { named: string[]; images: Map<string, string> } {
  const first = words.findIndex((word) => word.includes("="));
  const pairs = first < 0 ? [] : words.slice(first);
  if (pairs.length === 0) throw bad("at least one image update is required");
  const images = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1 || at === pair.length - 1) throw bad(`invalid image argument: ${pair}`);
    images.set(pair.slice(0, at), pair.slice(at + 1));
  }
  if (images.has("*") && images.size > 1)
    throw bad(
      "all containers are already specified by *, but saw more than one container_name=container_image pairs",
    );
  return { named: words.slice(0, first), images };
}

/** The images by the names of a pod's containers. @throws TspodError TS3495 for one that it does not have */
export function imagesFor(spec: PodSpec, images: ReadonlyMap<string, string>): Map<string, string> {
  const names = containersOf(spec).map(({ name }) => name);
  const all = images.get("*");
  if (all !== undefined) return new Map(names.map((name) => [name, all]));
  const unknown = [...images.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw noContainer(unknown, names);
  return new Map(images);
}

export function withImages(spec: PodSpec, images: ReadonlyMap<string, string>): PodSpec {
  return changed(spec, (one) =>
    images.has(one.name) ? { ...one, image: images.get(one.name) as string } : one,
  );
}

/** `cpu=200m,memory=512Mi`. @throws TspodError TS3495, TS3001 for what is no quantity */
export function quantities(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const pairs = text.split(",").map((pair) => {
    const [name = "", value = "", ...more] = pair.split("=");
    if (name === "" || value === "" || more.length > 0) throw bad(`invalid argument syntax in ${pair}`);
    parseQuantity(value);
    return [name, value];
  });
  return Object.fromEntries(pairs);
}

/** Requests and limits of the containers named, or of all; what is not named stays. */
export function withResources(
  spec: PodSpec,
  names: readonly string[],
  { limits, requests }: Required<Pick<ResourceRequirements, "limits" | "requests">>,
): PodSpec {
  const there = (spec.containers ?? []).map(({ name }) => name);
  const unknown = names.find((name) => name !== "*" && !containersOf(spec).some((one) => one.name === name));
  if (unknown !== undefined) throw noContainer(unknown, there);
  const merged = (before: Record<string, string> | undefined, more: Record<string, string>) =>
    before || Object.keys(more).length > 0 ? { ...before, ...more } : undefined;
  return changed(spec, (one, isInit) => {
    // As in kubectl, all are the app containers.
    if (!(names.includes(one.name) || (names.includes("*") && !isInit))) return one;
    const all = {
      limits: merged(one.resources?.limits, limits),
      requests: merged(one.resources?.requests, requests),
    };
    const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value));
    return { ...one, resources: { ...one.resources, ...set } };
  });
}

function changed(spec: PodSpec, change: (one: Container, isInit: boolean) => Container): PodSpec {
  return {
    ...spec,
    containers: spec.containers.map((one) => change(one, false)),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map((one) => change(one, true)) } : {}),
  };
}

function containersOf({ initContainers = [], containers }: PodSpec): Container[] {
  return [...initContainers, ...containers];
}

function noContainer(name: string, names: readonly string[]): TspodError {
  return new TspodError({
    code: "TS3495",
    message: `unable to find container named ${JSON.stringify(name)}`,
    hint: `there ${names.length === 1 ? "is" : "are"}: ${names.join(", ")}`,
    exitCode: ExitCode.notFound,
  });
}

function bad(message: string): TspodError {
  return new TspodError({
    code: "TS3496",
    message,
    hint: "tspod set image pod/web nginx=nginx:1.27; tspod set resources pod/web -c nginx --limits=memory=512Mi",
    exitCode: ExitCode.invalid,
  });
}
