import { describe, expect, it } from "vitest";
import type { ManifestObject } from "../../../src/manifest/index.ts";
import { parseManifests } from "../../../src/manifest/parse.ts";
import { parse, pod } from "./support.ts";

const config = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const names = (objects: ManifestObject[]) =>
  objects.map(({ kind, object }) => `${kind}/${object.metadata.name}`);

describe("what can be read", () => {
  it("is several documents, empty ones among them", () => {
    const { objects, problems } = parse(
      `# first\n---\n${config("a")}---\n\n---\n# only a comment\n---\n${pod({})}...\n---\n${config("b")}`,
    );
    expect(problems).toEqual([]);
    expect(names(objects)).toEqual(["ConfigMap/a", "Pod/web", "ConfigMap/b"]);
  });

  it("is several files, with problems in the order of the files", () => {
    const bad = config("A_");
    const { objects, problems } = parseManifests([
      { name: "z.yaml", text: bad },
      { name: "a.yaml", text: config("a") },
      { name: "b.yaml", text: `${config("b")}x: 1\n${"y: 2\n"}` },
    ]);
    expect(names(objects)).toEqual(["ConfigMap/a"]);
    expect(problems.map(({ position }) => `${position.file}:${position.line}`)).toEqual([
      "z.yaml:3",
      "b.yaml:4",
      "b.yaml:5",
    ]);
  });

  it("is a List, and a PodList whose items need not say what they are", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- ${JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "b" }] } })}\n`;
    expect(names(parse(list).objects)).toEqual(["ConfigMap/a", "Pod/p"]);
    const pods =
      "apiVersion: v1\nkind: PodList\nitems:\n- {metadata: {name: p}, spec: {containers: [{name: c, image: b}]}}\n";
    expect(names(parse(pods).objects)).toEqual(["Pod/p"]);
  });

  it("is JSON, tabs and escapes and all", () => {
    const text = JSON.stringify(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "j" },
        data: { k: 'a\n"b"\u00e9\ud83d\ude00/' },
      },
      null,
      "\t",
    );
    expect(parse(text.replace("/", "\\/")).objects[0]?.object).toMatchObject({ data: { k: 'a\n"b"é😀/' } });
  });

  it("has anchors and merge keys, own keys first", () => {
    const text = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - &base
    name: a
    image: busybox
    command: [sleep, "1"]
  - <<: *base
    name: b
  - <<: [{image: other}, *base]
    name: c
`;
    const { objects, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(objects[0]?.object).toMatchObject({
      spec: {
        containers: [
          { name: "a", image: "busybox" },
          { name: "b", image: "busybox", command: ["sleep", "1"] },
          { name: "c", image: "other", command: ["sleep", "1"] },
        ],
      },
    });
  });

  it("has Windows line ends and a byte order mark", () => {
    const { objects, problems } = parse(`\ufeff${pod({})}comand: x\n`.replaceAll("\n", "\r\n"));
    expect(objects).toEqual([]);
    expect(
      problems.map(({ position, excerpt }) => [position.line, position.column, excerpt?.lines[0]?.text]),
    ).toEqual([[9, 1, "comand: x"]]);
  });

  it("keeps block scalars exactly", () => {
    const { objects } = parse(
      `${config("c")}data:\n  a: |\n    x: 1\n      y\n\n  b: >-\n    one\n    two\n`,
    );
    expect(objects[0]?.object).toMatchObject({ data: { a: "x: 1\n  y\n", b: "one two" } });
  });

  it("has octal modes, and quantities in canonical form", () => {
    const spec =
      "volumes: [{name: v, configMap: {name: c, defaultMode: 0600, items: [{key: a, path: b, mode: 0o400}]}}]";
    const container = "resources: {limits: {cpu: 0.5, memory: 1024Mi}, requests: {memory: 0o17}}";
    const [object] = parse(pod({ spec, container })).objects;
    expect(object?.object).toMatchObject({
      spec: {
        volumes: [{ configMap: { defaultMode: 0o600, items: [{ mode: 0o400 }] } }],
        containers: [{ resources: { limits: { cpu: "500m", memory: "1Gi" }, requests: { memory: "15" } } }],
      },
    });
  });

  it("keeps keys such as __proto__ as plain keys", () => {
    const [object] = parse(`${config("c")}data: {__proto__: a, constructor: b}\n`).objects;
    expect(object?.kind === "ConfigMap" && Object.entries(object.object.data ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("turns a word that YAML reads as a boolean into the key kubectl makes of it, and says so", () => {
    const { objects, warnings } = parse(`${config("c")}data: {on: a}\n`);
    expect(objects[0]?.object).toMatchObject({ data: { true: "a" } });
    expect(warnings).toMatchObject([{ code: "TS1110", help: 'quote it to keep the word: "on"' }]);
  });
});

describe("an object that was read", () => {
  it("has a namespace", () => {
    expect(parse(config("a")).objects[0]?.object.metadata.namespace).toBe("default");
    expect(parse(config("a, namespace: x")).objects[0]?.object.metadata.namespace).toBe("x");
  });

  it("has a name made of generateName", () => {
    const [object] = parse(config("").replace("name: ", "generateName: job-"), {
      randomSuffix: () => "abcde",
    }).objects;
    expect(object?.object.metadata).toMatchObject({ name: "job-abcde", generateName: "job-" });
    expect(
      parse(config("").replace("name: ", "generateName: job-")).objects[0]?.object.metadata.name,
    ).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it("keeps a name beside generateName", () => {
    const both = config("b, generateName: job-");
    expect(parse(both).objects[0]?.object.metadata.name).toBe("b");
  });

  it("occurs once", () => {
    const { problems, objects } = parse(
      `${config("a")}---\n${config("a")}---\n${config("a, namespace: other")}`,
    );
    expect(objects).toHaveLength(2);
    expect(problems).toMatchObject([
      {
        code: "TS3004",
        position: { line: 7 },
        help: "pod.yaml:3 has an object of this kind and name already",
      },
    ]);
  });

  it("has its secret text in data", () => {
    const [object] = parse(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: eA==, b: eA==}\nstringData: {b: z}\n",
    ).objects;
    expect(object?.object).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default" },
      data: { a: "eA==", b: "eg==" },
    });
  });

  it("knows where its fields stand", () => {
    const [object] = parse(pod({ container: "ports:\n- containerPort: 80\n  hostPort: 8080" })).objects;
    expect(object?.source.position("spec.containers[0].ports[0].hostPort")).toEqual({
      file: "pod.yaml",
      line: 11,
      column: 17,
      field: "spec.containers[0].ports[0].hostPort",
    });
    expect(object?.source.position("spec.containers[0].image")).toMatchObject({ line: 8, column: 12 });
    expect(object?.source.position("spec.containers[0].resources.limits[cpu]")).toMatchObject({
      line: 7,
      column: 5,
    });
  });

  it("is checked against the name of this node", () => {
    expect(parse(pod({ spec: "nodeName: here" }), { nodeName: "here" }).problems).toEqual([]);
    expect(parse(pod({ spec: "nodeName: there" }), { nodeName: "here" }).problems).toMatchObject([
      { code: "TS2006", path: "spec.nodeName" },
    ]);
  });
});

describe("secrets and claims", () => {
  const secret = (type: string, data: string) =>
    parse(
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: ${type}\nstringData: {${data}}\n`,
    ).problems.map(({ message }) => message);

  it.each([
    ["kubernetes.io/tls", "tls.crt: a", ["data[tls.key]: Required value"]],
    ["kubernetes.io/ssh-auth", "", ["data[ssh-privatekey]: Required value"]],
    ["kubernetes.io/basic-auth", "username: a", []],
    ["kubernetes.io/dockerconfigjson", ".dockerconfigjson: '{}'", []],
    [
      "kubernetes.io/dockerconfigjson",
      ".dockerconfigjson: x",
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be a JSON object'],
    ],
    ["Opaque", "", []],
  ])("of type %s have what it needs", (type, data, expected) => {
    expect(secret(type, data)).toEqual(expected);
  });

  it("of storage say how much", () => {
    const text =
      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {accessModes: [ReadOnce]}\n";
    expect(parse(text).problems.map(({ message }) => message)).toEqual([
      "spec.resources[storage]: Required value",
      'spec.accessModes: Unsupported value: "ReadOnce": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ]);
  });
});
