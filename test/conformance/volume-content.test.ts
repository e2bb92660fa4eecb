import { expect } from "vitest";
import type { Volume, VolumeMount } from "../../src/manifest/index.ts";
import { idle, pod } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const configMap = (data: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" }, data });
const objects = [
  {
    ...configMap({ "a.conf": "a=1\n", "b.conf": "b=2\n", script: "echo hi\n" }),
    binaryData: { blob: Buffer.from([0, 255, 10]).toString("base64") },
  },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { user: "admin", pass: "x y" } },
];
const volumes: Volume[] = [
  { name: "map", configMap: { name: "cm" } },
  {
    name: "items",
    configMap: {
      name: "cm",
      defaultMode: 0o440,
      items: [
        { key: "a.conf", path: "dir/first" },
        { key: "script", path: "run.sh", mode: 0o755 },
      ],
    },
  },
  { name: "secret", secret: { secretName: "s", defaultMode: 0o400 } },
  { name: "optional", configMap: { name: "absent", optional: true } },
  {
    name: "optional-item",
    secret: { secretName: "s", optional: true, items: [{ key: "nope", path: "nope" }] },
  },
  {
    name: "info",
    downwardAPI: {
      items: [
        { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
        { path: "annotations", fieldRef: { fieldPath: "metadata.annotations" } },
        { path: "name", fieldRef: { fieldPath: "metadata.name" }, mode: 0o400 },
        { path: "cpu", resourceFieldRef: { containerName: "a", resource: "limits.cpu", divisor: "1m" } },
        { path: "memory", resourceFieldRef: { containerName: "a", resource: "requests.memory" } },
      ],
    },
  },
  {
    name: "all",
    projected: {
      defaultMode: 0o640,
      sources: [
        { configMap: { name: "cm", items: [{ key: "a.conf", path: "conf/a" }] } },
        { secret: { name: "s", items: [{ key: "pass", path: "conf/pass", mode: 0o600 }] } },
        { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
      ],
    },
  },
];
const mounts: VolumeMount[] = [
  ...volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
  { name: "map", mountPath: "/etc/one.conf", subPath: "a.conf" },
];
const held = node.running(
  {
    ...pod(
      "held",
      [
        idle("a", {
          volumeMounts: mounts,
          resources: { limits: { cpu: "250m", memory: "64Mi" }, requests: { memory: "32Mi" } },
        }),
        idle("user", {
          volumeMounts: [
            { name: "secret", mountPath: "/secret" },
            { name: "map", mountPath: "/map" },
          ],
          securityContext: { runAsUser: 1000 },
        }),
      ],
      { volumes },
    ),
    metadata: { name: "held", labels: { b: "2", a: "1" }, annotations: { note: 'say "hi"' } },
  },
  { objects },
);
const look = async (script: string) => await (await held()).look("a", script);

behaviour("content-01", "a ConfigMap's keys are files with the values in them", from.configMap, async () => {
  expect(await look("cat /map/a.conf /map/b.conf; ls /map")).toBe("a=1\nb=2\na.conf\nb.conf\nblob\nscript\n");
});

behaviour("content-02", "binaryData is written as the bytes it stands for", from.configMap, async () => {
  expect(await look("od -An -tx1 /map/blob")).toBe(" 00 ff 0a\n");
});

behaviour("content-03", "files have mode 0644 where nothing else is said", from.configMapPod, async () => {
  expect(await look("stat -L -c %a /map/a.conf")).toBe("644\n");
});

behaviour(
  "content-04",
  "items chooses keys and gives them paths, folders too",
  from.configMapPod,
  async () => {
    expect(await look("cat /items/dir/first; ls /items /items/dir")).toBe(
      "a=1\n/items:\ndir\nrun.sh\n\n/items/dir:\nfirst\n",
    );
  },
);

behaviour(
  "content-05",
  "defaultMode is the files' mode; an item's own mode has the say",
  from.secret,
  async () => {
    expect(await look("stat -L -c %a /items/dir/first /items/run.sh")).toBe("440\n755\n");
  },
);

behaviour(
  "content-06",
  "files are links through ..data into a folder named by the time",
  from.configMapPod,
  async () => {
    expect(await look("readlink /map/a.conf; readlink /map/..data; stat -c %F /map/..data/")).toMatch(
      /^\.\.data\/a\.conf\n\.\.\d{4}_\d\d_\d\d_\S+\ndirectory\n$/,
    );
  },
);

behaviour(
  "content-07",
  "configMap, secret, downwardAPI and projected volumes cannot be written",
  from.volumes,
  async () => {
    for (const path of ["/map", "/secret", "/info", "/all"])
      await expect(look(`touch ${path}/x`), path).rejects.toThrow("Read-only file system");
  },
);

behaviour("content-08", "a secret is on a tmpfs and never on a disk", from.secret, async () => {
  expect(await look("cat /secret/user; stat -f -c ' %T' /secret")).toBe("admin tmpfs\n");
});

behaviour("content-09", "a file with mode 0400 is root's alone without fsGroup", from.secret, async () => {
  const pod = await held();
  await expect(pod.look("user", "cat /secret/user")).rejects.toThrow("Permission denied");
  expect(await pod.look("user", "cat /map/a.conf")).toBe("a=1\n");
});

behaviour(
  "content-10",
  "an optional object that is missing is an empty volume",
  from.configMapPod,
  async () => {
    expect(await look("ls /optional")).toBe("");
  },
);

behaviour("content-11", "an optional source may lack the keys that items name", from.secret, async () => {
  expect(await look("ls /optional-item")).toBe("");
});

behaviour("content-12", "an item whose key is missing keeps the pod from starting", from.secret, async () => {
  const volume = { name: "v", configMap: { name: "cm", items: [{ key: "nope", path: "x" }] } };
  const lacking = pod("lacks", [idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] })], {
    volumes: [volume],
  });
  expect(await node.refused(lacking, { objects })).toContain("nope");
});

behaviour(
  "content-13",
  "a volume's object that is missing keeps the pod from starting",
  from.configMap,
  async () => {
    const lacking = pod("lacks", [idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] })], {
      volumes: [{ name: "v", secret: { secretName: "absent" } }],
    });
    expect(await node.refused(lacking)).toContain('"absent"');
  },
);

behaviour(
  "content-14",
  "the downward API writes labels and annotations sorted and quoted",
  from.downwardFiles,
  async () => {
    expect(await look("cat /info/labels; echo; cat /info/annotations; echo")).toBe(
      'a="1"\nb="2"\nnote="say \\"hi\\""\n',
    );
  },
);

behaviour(
  "content-15",
  "the downward API writes amounts of a named container, divided",
  from.downwardFiles,
  async () => {
    expect(await look("cat /info/cpu; echo; cat /info/memory")).toBe(`250\n${32 * 1024 * 1024}`);
  },
);

behaviour("content-16", "an item of the downward API has a mode of its own", from.downwardFiles, async () => {
  expect(await look("cat /info/name; stat -L -c ' %a' /info/name /info/cpu")).toBe("held 400\n 644\n");
});

behaviour(
  "content-17",
  "a projected volume brings several sources into one folder",
  from.projected,
  async () => {
    expect(await look("cat /all/conf/a /all/conf/pass; echo; cat /all/name; echo; ls /all/conf")).toBe(
      "a=1\nx y\nheld\na\npass\n",
    );
  },
);

behaviour(
  "content-18",
  "its defaultMode is for all sources; an item's mode has the say",
  from.projected,
  async () => {
    expect(await look("stat -L -c %a /all/conf/a /all/conf/pass")).toBe("640\n600\n");
  },
);

behaviour(
  "content-19",
  "subPath mounts one key as a file, its neighbours stay",
  from.configMapPod,
  async () => {
    expect(await look("cat /etc/one.conf; ls /etc/passwd")).toBe("a=1\n/etc/passwd\n");
  },
);

behaviour(
  "content-20",
  "a changed ConfigMap reaches running containers, removed keys go",
  from.configMapPod,
  async () => {
    await held();
    const changed = configMap({ "a.conf": "a=new\n", "c.conf": "c=3\n" });
    await node.tspod.ok(["apply", "-f", node.tspod.manifest(changed)]);
    await eventually(async () => (await look("cat /map/a.conf")) === "a=new\n");
    expect(await look("ls /map")).toBe("a.conf\nc.conf\n");
  },
);

behaviour(
  "content-21",
  "a key mounted by subPath does not change with its ConfigMap",
  from.configMapPod,
  async () => {
    expect(await look("cat /map/a.conf /etc/one.conf")).toBe("a=new\na=1\n");
  },
);
