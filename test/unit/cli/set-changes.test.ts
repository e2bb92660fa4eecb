import { describe, expect, it } from "vitest";
import { DetachKeys } from "../../../src/cli/attach/detach-keys.ts";
import {
  imagesFor,
  quantities,
  splitImages,
  withImages,
  withResources,
} from "../../../src/cli/set/changes.ts";
import type { PodSpec } from "../../../src/manifest/index.ts";
import { OutputReader } from "../../../src/pod/attach.ts";

const spec: PodSpec = {
  initContainers: [{ name: "i", image: "i:1" }],
  containers: [
    { name: "a", image: "a:1", resources: { limits: { cpu: "1" } } },
    { name: "b", image: "b:1" },
  ],
};

describe("set image", () => {
  it("takes names first, then CONTAINER=IMAGE", () => {
    const { named, images } = splitImages(["pod", "web", "a=r.io:5000/a:2", "b=b@sha256:1"]);
    expect(named).toEqual(["pod", "web"]);
    expect(withImages(spec, imagesFor(spec, images))).toMatchObject({
      initContainers: [{ image: "i:1" }],
      containers: [{ image: "r.io:5000/a:2" }, { image: "b@sha256:1" }],
    });
    const all = imagesFor(spec, splitImages(["web", "*=x"]).images);
    expect([...all]).toEqual([
      ["i", "x"],
      ["a", "x"],
      ["b", "x"],
    ]);
  });

  it.each([
    [["web"], "at least one image update is required"],
    [["web", "a="], "invalid image argument: a="],
    [["web", "*=x", "a=y"], "all containers are already specified by *"],
  ])("refuses %j", (words, why) => expect(() => splitImages(words)).toThrow(why));

  it("refuses a container that is not there", () => {
    expect(() => imagesFor(spec, new Map([["c", "x"]]))).toThrow('unable to find container named "c"');
  });
});

describe("set resources", () => {
  it("changes what is named and keeps the rest", () => {
    const wanted = { limits: quantities("memory=64Mi"), requests: {} };
    expect(withResources(spec, ["*"], wanted).containers.map(({ resources }) => resources)).toEqual([
      { limits: { cpu: "1", memory: "64Mi" } },
      { limits: { memory: "64Mi" } },
    ]);
    const one = withResources(spec, ["b"], wanted);
    expect(one.containers[0]).toEqual(spec.containers[0]);
    expect(one.initContainers).toEqual(spec.initContainers);
    expect(() => withResources(spec, ["c"], wanted)).toThrow('unable to find container named "c"');
  });

  it.each(["cpu", "cpu=", "cpu=1=2", "cpu=1,,"])("refuses %s", (text) =>
    expect(() => quantities(text)).toThrow("invalid argument syntax in"),
  );
  it("refuses what is no quantity", () =>
    expect(() => quantities("cpu=much")).toThrow('Invalid value: "much"'));
});

describe("attach", () => {
  it("takes records apart wherever they are cut", () => {
    const record = (stream: number, text: string) =>
      Buffer.concat([Buffer.from([stream, 0, text.length & 255, text.length >> 8]), Buffer.from(text)]);
    const long = "x".repeat(300);
    const bytes = Buffer.concat([record(1, "out"), record(2, "err"), record(1, ""), record(1, long)]);
    for (const size of [1, 3, 7, bytes.length]) {
      const got: [number, string][] = [];
      const reader = new OutputReader((stream, part) => got.push([stream, part.toString()]));
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(got).toEqual([
        [1, "out"],
        [2, "err"],
        [1, ""],
        [1, long],
      ]);
    }
  });

  it("lets go at Ctrl-P Ctrl-Q, typed at once or not, and passes everything else on", () => {
    const keys = new DetachKeys();
    const take = (...bytes: number[]) => {
      const { pass, detach } = keys.take(Buffer.from(bytes));
      return [[...pass], detach];
    };
    expect(take(1, 0x10, 2)).toEqual([[1, 0x10, 2], false]);
    expect(take(0x10)).toEqual([[], false]);
    expect(take(0x10)).toEqual([[0x10], false]);
    expect(take(3)).toEqual([[0x10, 3], false]);
    expect(take(0x11)).toEqual([[0x11], false]);
    expect(take(4, 0x10)).toEqual([[4], false]);
    expect(take(0x11, 5)).toEqual([[], true]);
  });
});
