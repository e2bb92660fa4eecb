import { expect, it } from "vitest";
import { type FactSource, idRangesInUse, readIdPool } from "../../../src/kernel/host-facts/index.ts";

function host(files: Record<string, string>): FactSource {
  return {
    read: (path) => files[path],
    bytes: () => undefined,
    list: (path) =>
      Object.keys(files)
        .filter((each) => each.startsWith(`${path}/`))
        .map((each) => each.slice(path.length + 1).split("/")[0] as string),
    exists: (path) => path in files,
  };
}

it("the pool is what subuid and subgid both give to tspod; all others' ids are theirs", () => {
  const files = {
    "/etc/subuid": "alice:100000:65536\ntspod:196608:131072\ntspod:1000000:65536\n\n# nonsense\nbob:x:1\n",
    "/etc/subgid": "alice:165536:65536\ntspod:196608:131072\ntspod:1000000:65537\n",
    "/etc/passwd": "root:x:0:0::/:/bin/sh\nbig:x:600000:600001::/:/bin/sh\n\n",
    "/etc/group": "root:x:0:\nlarge:x:700000:\n",
    "/proc/self/uid_map": "         0          0 4294967295\n",
    "/proc/sys/user/max_user_namespaces": "96365\n",
  };
  expect(readIdPool(host(files))).toEqual({
    own: [{ first: 196608, size: 131072 }],
    others: [
      { first: 100000, size: 65536 },
      { first: 165536, size: 65536 },
      { first: 0, size: 1 },
      { first: 600000, size: 1 },
      { first: 0, size: 1 },
      { first: 700000, size: 1 },
    ],
    mapped: [{ first: 0, size: 4294967295 }],
    maxUserNamespaces: 96365,
  });
});

it("a host that says nothing has no ids and no user namespaces", () => {
  expect(readIdPool(host({}))).toEqual({ own: [], others: [], mapped: [], maxUserNamespaces: 0 });
});

it("ranges in use are those of processes, whole machines aside", () => {
  const files = {
    "/proc/1/uid_map": "0 0 4294967295\n",
    "/proc/7/uid_map": "         0     655360      65536\n",
    "/proc/8/uid_map": "0 1000 1\n1 100000 65536\n",
    "/proc/9/uid_map": "",
    "/proc/meminfo": "",
  };
  // A range that is no multiple of 65536 takes two that are.
  expect(idRangesInUse(host(files)).sort((a, b) => a - b)).toEqual([0, 65536, 131072, 655360]);
});
