import { describe, expect, it } from "vitest";
import type { Pod } from "../../../src/manifest/index.ts";
import { verifyRunAsNonRoot } from "../../../src/security/run-as-non-root.ts";
import { resolveExecUser, resolveUser, type UserRequest } from "../../../src/security/user.ts";

const passwd = `root:x:0:0:root:/root:/bin/sh
# comment:x:5:5::/:/bin/sh
app:x:1000:1001:An app:/home/app:/bin/sh
1234:x:77:77:named like a number:/home/n:/bin/sh
broken:x:zero:0::/:/bin/sh
negative:x:-1:-1::/:/bin/sh
short:x
nohome:x:1005:1005
evil:x:1006:1006::/x\u0000:/bin/sh
`;
const group = `root:x:0:
app:x:1001:
audio:x:29:app,other
video:x:44:other
wheel:x:10:root
bad:x:ten:app
`;
const resolve = (request: Partial<UserRequest>) => resolveUser({ imageUser: "", passwd, group, ...request });
const ids = (request: Partial<UserRequest>) => {
  const { uid, gid, groups } = resolve(request);
  return { uid, gid, groups };
};

describe("resolveUser", () => {
  it.each<[string, Partial<UserRequest>, { uid: number; gid: number; groups: number[] }]>([
    ["nobody says anything", {}, { uid: 0, gid: 0, groups: [0, 10] }],
    ["a known uid", { runAsUser: 1000 }, { uid: 1000, gid: 1001, groups: [1001, 29] }],
    ["an unknown uid", { runAsUser: 4242 }, { uid: 4242, gid: 0, groups: [0] }],
    ["uid and gid", { runAsUser: 4242, runAsGroup: 5 }, { uid: 4242, gid: 5, groups: [5] }],
    ["only a gid", { runAsGroup: 5, imageUser: "app" }, { uid: 1000, gid: 5, groups: [5, 29] }],
    ["the image's name", { imageUser: "app" }, { uid: 1000, gid: 1001, groups: [1001, 29] }],
    ["the image's name and group", { imageUser: "app:video" }, { uid: 1000, gid: 44, groups: [44, 29] }],
    ["the image's numbers", { imageUser: "500:600" }, { uid: 500, gid: 600, groups: [600] }],
    ["a user named like a number", { imageUser: "1234" }, { uid: 1234, gid: 0, groups: [0] }],
    [
      "runAsUser over the image's group",
      { runAsUser: 7, imageUser: "app:video" },
      { uid: 7, gid: 0, groups: [0] },
    ],
    [
      "supplemental groups and fsGroup",
      { runAsUser: 1000, runAsGroup: 3, supplementalGroups: [7, 29], fsGroup: 2000 },
      { uid: 1000, gid: 3, groups: [3, 29, 7, 2000] },
    ],
    [
      "the strict policy",
      { runAsUser: 1000, supplementalGroups: [7], supplementalGroupsPolicy: "Strict" },
      { uid: 1000, gid: 1001, groups: [1001, 7] },
    ],
  ])("%s", (_name, request, expected) => {
    expect(ids(request)).toEqual(expected);
  });

  it.each([
    "1000:",
    ":0",
    ":",
    "4294967295",
    "2147483648",
    "-1",
    "1000:1000:0",
    "0x0",
    "+0",
    " 0",
    "nosuch",
    "app:nosuch",
    "root\n",
  ])("never takes the user %j for root", (imageUser) => {
    expect(() => resolve({ imageUser })).toThrow(/cannot be resolved|out of range/);
    expect(() => resolveExecUser(imageUser, passwd, group)).toThrow(/cannot be resolved|out of range/);
  });

  it("does not read a broken line of passwd as root", () => {
    for (const imageUser of ["broken", "negative", "short"]) expect(() => resolve({ imageUser })).toThrow();
    expect(() => resolveExecUser("", passwd, group)).toThrow(/empty/);
  });

  it("refuses ids out of range wherever they come from", () => {
    for (const request of [
      { runAsUser: -1 },
      { runAsUser: 2 ** 31 },
      { runAsGroup: 2 ** 32 - 1 },
      { supplementalGroups: [2 ** 31] },
    ]) {
      expect(() => resolve(request)).toThrow(/out of range/);
    }
  });

  it("knows name and home of a user in passwd, and / for others", () => {
    expect(resolve({ runAsUser: 1000 })).toMatchObject({ name: "app", home: "/home/app" });
    expect(resolve({ runAsUser: 4242 })).toMatchObject({ name: "", home: "/" });
    expect(resolve({ imageUser: "nohome" })).toMatchObject({ name: "nohome", home: "/" });
    expect(resolveUser({ imageUser: "", passwd: "", group: "" })).toMatchObject({
      uid: 0,
      gid: 0,
      home: "/",
    });
  });
});

describe("verifyRunAsNonRoot", () => {
  const pod = (securityContext: NonNullable<Pod["spec"]>["securityContext"]): Pod => ({
    metadata: { name: "p", namespace: "n", uid: "u" },
    spec: { containers: [], ...(securityContext === undefined ? {} : { securityContext }) },
  });
  const nonRoot = { runAsNonRoot: true };
  const check = (image: string, own?: object, of: object = nonRoot) =>
    verifyRunAsNonRoot(
      pod(of),
      own === undefined ? { name: "c" } : { name: "c", securityContext: own },
      image,
    );

  it("accepts what is proven not to be root", () => {
    check("1000");
    check("1000:0");
    check("", { runAsUser: 1 });
    check("", { runAsNonRoot: false });
    check("", undefined, {});
  });

  it("refuses in the kubelet's words", () => {
    const where = '(pod: "p_n(u)", container: c)';
    expect(() => check("")).toThrow(`container has runAsNonRoot and image will run as root ${where}`);
    expect(() => check("0:5")).toThrow("image will run as root");
    expect(() => check("app")).toThrow(
      `container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root ${where}`,
    );
    expect(() => check("1000", { runAsUser: 0 })).toThrow(
      `container's runAsUser breaks non-root policy ${where}`,
    );
    expect(() => check("", { runAsNonRoot: true }, {})).toThrow("run as root");
  });
});
