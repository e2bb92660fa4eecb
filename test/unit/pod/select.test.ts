import { describe, expect, it } from "vitest";
import { selectPod } from "../../../src/pod/select.ts";

const pod = (namespace: string, name: string, uid: string) => ({ record: { namespace, name, uid } });
const web = pod("default", "web", "aaaa1111-0000-4000-8000-000000000001");
const web2 = pod("default", "web-2", "aaaa2222-0000-4000-8000-000000000002");
const other = pod("other", "db", "bbbb1111-0000-4000-8000-000000000003");
const all = [web, web2, other];

describe("a pod is selected", () => {
  it.each([
    ["its name", "web", web],
    ["pod/NAME", "pod/web", web],
    ["pods/NAME", "pods/web-2", web2],
    ["a prefix of its name", "web-", web2],
    ["its uid", web.record.uid, web],
    ["its uid from any namespace", other.record.uid, other],
    ["a prefix of its uid", "bbbb1", other],
  ])("by %s", (_, wanted, found) => {
    expect(selectPod(all, wanted, "default")).toBe(found);
  });

  it("by an exact name although others begin with it", () => {
    expect(selectPod(all, "web", undefined)).toBe(web);
  });
});

describe("a pod is not selected", () => {
  it.each([
    ["by a prefix of two names", "we", /"we" selects 2 pods: default\/web .*default\/web-2/, 2],
    ["by a prefix of two uids", "aaaa", /selects 2 pods/, 2],
    ["when there is none", "nope", /^pod "nope" not found$/, 4],
    ["by nothing", "", /^pod "" not found$/, 4],
    ["by a too short piece of a uid", "bbb", /not found/, 4],
    ["in another namespace", "db", /^pod "db" not found$/, 4],
  ])("%s", (_, wanted, message, exitCode) => {
    expect(() => selectPod(all, wanted, "default")).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), exitCode }),
    );
  });

  it.each(["web.yaml", "./web.yml", "web.json"])(
    "by the file %s, as -f of kubectl delete takes it",
    (file) => {
      expect(() => selectPod(all, file, "default")).toThrow(
        expect.objectContaining({ hint: expect.stringContaining(`tspod down ${file}`) }),
      );
    },
  );

  it("but told where it is", () => {
    expect(() => selectPod(all, "db", "default")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("-n other") }),
    );
  });
});

it("of many pods, the hint names ten", () => {
  const many = Array.from({ length: 500 }, (_, i) => pod("default", `web-${i}`, `cccc${i}`));
  let hint: string | undefined;
  try {
    selectPod(many, "db", "default");
  } catch (error) {
    ({ hint } = error as { hint?: string });
  }
  expect(hint).toMatch(/^there are: web-0, (web-\d, ){8}web-9, and 490 more \(tspod get pods -A\)$/);
});
