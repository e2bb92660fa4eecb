import { describe, expect, it } from "vitest";
import { pod, problemsOf } from "./support.ts";

const c = "spec.containers[0]";
const MODE = "must be a number between 0 and 0777 (octal), both inclusive";

/** A pod with one volume of the kind given, mounted. */
const volume = (source: string) =>
  pod({ spec: `volumes:\n- name: v\n  ${source}`, container: "volumeMounts: [{name: v, mountPath: /v}]" });
/** A pod with an emptyDir and the mounts given. */
const mount = (mounts: string, container = "") =>
  pod({ spec: "volumes: [{name: v, emptyDir: {}}]", container: `volumeMounts: [${mounts}]\n${container}` });

const cases: [name: string, text: string, ...expected: string[]][] = [
  [
    "two kinds at once",
    volume("emptyDir: {}\n  ▸hostPath: {path: /x}"),
    "TS3006 spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
  ],
  [
    "the same name twice",
    pod({ spec: "volumes: [{name: v, emptyDir: {}}, {name: ▸v, emptyDir: {}}]" }),
    'TS3004 spec.volumes[1].name: Duplicate value: "v"',
  ],
  [
    "a name of dots",
    pod({ spec: "volumes: [{name: ▸.., emptyDir: {}}]" }),
    expect.stringContaining(
      'TS3001 spec.volumes[0].name: Invalid value: "..": a lowercase RFC 1123 label',
    ) as unknown as string,
  ],
  [
    "a host path that is not absolute",
    volume("hostPath: {path: ▸data}"),
    'TS3001 spec.volumes[0].hostPath.path: Invalid value: "data": must be an absolute path',
  ],
  [
    "a host path that goes up",
    volume("hostPath: {path: ▸/a/../b}"),
    "TS3001 spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
  ],
  [
    "a host path's type",
    volume("hostPath: {path: /x, type: ▸Folder}"),
    'TS3003 spec.volumes[0].hostPath.type: Unsupported value: "Folder": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
  ],
  [
    "a medium",
    volume("emptyDir: {medium: ▸memory}"),
    'TS3003 spec.volumes[0].emptyDir.medium: Unsupported value: "memory": supported values: "", "Memory"',
  ],
  [
    "a negative size",
    volume("emptyDir: {sizeLimit: ▸-1}"),
    "TS3006 spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity",
  ],
  [
    "a mode without its zero",
    volume("configMap: {name: c, defaultMode: ▸999}"),
    `TS3001 spec.volumes[0].configMap.defaultMode: Invalid value: 999: ${MODE}`,
  ],
  [
    "a mode of an item",
    volume("configMap: {name: c, items: [{key: k, path: p, mode: ▸01000}]}"),
    `TS3001 spec.volumes[0].configMap.items[0].mode: Invalid value: 512: ${MODE}`,
  ],
  [
    "an item's path",
    volume(
      "configMap: {name: c, items: [{key: k, path: ▸/p}, {key: k, path: ▸a/../b}, {key: k, path: ▸..data}]}",
    ),
    'TS3001 spec.volumes[0].configMap.items[0].path: Invalid value: "/p": must be a relative path',
    "TS3001 spec.volumes[0].configMap.items[1].path: Invalid value: \"a/../b\": must not contain '..'",
    "TS3001 spec.volumes[0].configMap.items[2].path: Invalid value: \"..data\": must not start with '..'",
  ],
  [
    "an item without path",
    volume("configMap: {name: c, items: [{▸key: k}]}"),
    "TS2003 spec.volumes[0].configMap.items[0].path: Required value",
  ],
  [
    "a configMap without name",
    volume("▸configMap: {}"),
    "TS2003 spec.volumes[0].configMap.name: Required value",
  ],
  [
    "a kind that needs a vendor",
    volume("▸csi: {driver: d}"),
    "TS2006 spec.volumes[0].csi: cannot be used with tspod: it needs a cloud's or a storage vendor's driver",
  ],
  [
    "gitRepo",
    volume("▸gitRepo: {repository: r}"),
    "TS2006 spec.volumes[0].gitRepo: cannot be used with tspod: Kubernetes removed it (1.36): it ran git as root",
  ],
  [
    "a mount of nothing",
    mount("{name: ▸w, mountPath: /w}"),
    `TS3005 ${c}.volumeMounts[0].name: Not found: "w"`,
  ],
  [
    "two mounts at one place",
    mount("{name: v, mountPath: /v}, {name: v, mountPath: ▸/v}"),
    `TS3001 ${c}.volumeMounts[1].mountPath: Invalid value: "/v": must be unique`,
  ],
  [
    "a colon in the path",
    mount('{name: v, mountPath: ▸"/v:ro"}'),
    `TS3001 ${c}.volumeMounts[0].mountPath: Invalid value: "/v:ro": must not contain ':'`,
  ],
  [
    "an absolute subPath",
    mount("{name: v, mountPath: /v, subPath: ▸/x}"),
    `TS3001 ${c}.volumeMounts[0].subPath: Invalid value: "/x": must be a relative path`,
  ],
  [
    "a subPath that goes up",
    mount("{name: v, mountPath: /v, subPath: ▸a/../../b}"),
    `TS3001 ${c}.volumeMounts[0].subPath: Invalid value: "a/../../b": must not contain '..'`,
  ],
  [
    "both subPath and subPathExpr",
    mount("{name: v, mountPath: /v, subPath: a, subPathExpr: ▸$(B)}"),
    `TS3001 ${c}.volumeMounts[0].subPathExpr: Invalid value: "$(B)": subPathExpr and subPath are mutually exclusive`,
  ],
  [
    "propagation without privilege",
    mount("{name: v, mountPath: /v, mountPropagation: ▸Bidirectional}"),
    `TS3006 ${c}.volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
  ],
  [
    "recursive read-only that is writable",
    mount("{name: v, mountPath: /v, recursiveReadOnly: ▸IfPossible}"),
    `TS3006 ${c}.volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
  ],
];

describe("a manifest with wrong volumes", () => {
  it.each(cases)("is told of %s", (_, text, ...expected) => {
    const { marks, found } = problemsOf(text);
    expect(found).toHaveLength(expected.length);
    for (const [i, line] of expected.entries())
      if (typeof line === "string") expect(found[i]).toBe(`${marks[i]} ${line}`);
      else expect(found[i]).toEqual(line);
  });

  it("is warned of a mount path that is not absolute", () => {
    const { marks, found } = problemsOf(mount("{name: v, mountPath: ▸v}"));
    expect(found).toEqual([
      `${marks[0]} TS3010 ${c}.volumeMounts[0].mountPath: "v" is not absolute; it is taken from the root: /v`,
    ]);
  });
});
