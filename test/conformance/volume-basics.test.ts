import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const mount = (name: string, mountPath: string, more: object = {}) => ({ name, mountPath, ...more });
const folder = join(node.tspod.dir, "host");
mkdirSync(join(folder, "sub/deep"), { recursive: true });
writeFileSync(join(folder, "file"), "from the host\n");
writeFileSync(join(folder, "sub/deep/leaf"), "leaf\n");

const held = node.running(
  pod(
    "held",
    [
      idle("a", {
        volumeMounts: [
          mount("empty", "/one"),
          mount("empty", "/inner", { subPath: "x/y" }),
          mount("memory", "/memory"),
          mount("unsized", "/unsized"),
          mount("host", "/host"),
          mount("host", "/deep", { subPath: "sub/deep" }),
          mount("host", "/leaf", { subPath: "sub/deep/leaf" }),
          mount("host", "/new", { subPath: "made/for/me" }),
          mount("host", "/expr", { subPathExpr: "of-$(POD)" }),
          mount("file", "/etc/motd"),
          mount("made", "/made"),
          mount("touched", "/touched"),
        ],
        env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      }),
      idle("b", {
        volumeMounts: [
          mount("empty", "/two", { readOnly: true }),
          mount("host", "/host", { readOnly: true }),
          mount("memory", "/etc/memory"),
        ],
      }),
    ],
    {
      volumes: [
        { name: "empty", emptyDir: {} },
        { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "unsized", emptyDir: { medium: "Memory" } },
        { name: "host", hostPath: { path: folder, type: "Directory" } },
        { name: "file", hostPath: { path: join(folder, "file"), type: "File" } },
        { name: "made", hostPath: { path: join(folder, "created/dir"), type: "DirectoryOrCreate" } },
        { name: "touched", hostPath: { path: join(folder, "created-file"), type: "FileOrCreate" } },
      ],
    },
  ),
);

behaviour("volume-01", "an emptyDir begins empty and every user may write to it", from.volumes, async () => {
  const pod = await held();
  expect(await pod.look("a", "ls -A /unsized; stat -c %a /unsized")).toBe("777\n");
});

behaviour("volume-02", "containers share an emptyDir, each at a path of its own", from.volumes, async () => {
  const pod = await held();
  await pod.look("a", "echo shared > /one/file");
  expect(await pod.look("b", "cat /two/file")).toBe("shared\n");
});

behaviour("volume-03", "a readOnly mount cannot be written, while others write", from.volumes, async () => {
  const pod = await held();
  await expect(pod.look("b", "touch /two/x")).rejects.toThrow("Read-only file system");
  await pod.look("a", "touch /one/file2");
  expect(await pod.look("b", "ls /two/file2")).toBe("/two/file2\n");
});

behaviour("volume-04", "an emptyDir with medium Memory is a tmpfs", from.volumes, async () => {
  const pod = await held();
  expect(await pod.look("a", "stat -f -c %T /memory /unsized")).toBe("tmpfs\ntmpfs\n");
  await pod.look("b", "echo m > /etc/memory/file");
  expect(await pod.look("a", "cat /memory/file")).toBe("m\n");
});

behaviour("volume-05", "sizeLimit is how much such a tmpfs holds", from.volumes, async () => {
  const pod = await held();
  await pod.look("a", "dd if=/dev/zero of=/memory/half bs=1k count=512 2>/dev/null");
  await expect(pod.look("a", "dd if=/dev/zero of=/memory/more bs=1k count=1024")).rejects.toThrow(
    "No space left",
  );
});

behaviour(
  "volume-06",
  "an emptyDir lives as long as the pod: a container that ends leaves it",
  from.volumes,
  async () => {
    const pod = node.running(
      podWith("outlived", [
        sh("writer", "echo here > /v/file", { volumeMounts: [mount("v", "/v")] }),
        idle("reader", { volumeMounts: [mount("v", "/v")] }),
      ]),
    );
    const running = await pod();
    await running.until(({ status }) => status.containerStatuses[0].state.terminated);
    expect(await running.look("reader", "cat /v/file")).toBe("here\n");
  },
);

behaviour("volume-07", "a new pod of the same name has a new, empty emptyDir", from.volumes, async () => {
  const make = (script: string) => podWith("again", [sh("a", script, { volumeMounts: [mount("v", "/v")] })]);
  await (await node.ended(make("touch /v/old; ls /v"))()).printed("a");
  await node.tspod.ok(["rm", "again"]);
  const second = await node.ended(make("ls -A /v; echo listed"))();
  expect(second.printed("a")).toBe("listed\n");
});

behaviour(
  "volume-08",
  "a hostPath is the host's folder: both sides see what the other writes",
  from.volumes,
  async () => {
    const pod = await held();
    await pod.look("a", "echo written inside > /host/inside");
    expect(readFileSync(join(folder, "inside"), "utf8")).toBe("written inside\n");
    writeFileSync(join(folder, "outside"), "written outside\n");
    expect(await pod.look("a", "cat /host/outside")).toBe("written outside\n");
    await expect(pod.look("b", "touch /host/x")).rejects.toThrow("Read-only file system");
  },
);

behaviour("volume-09", "a hostPath of type File is mounted over one file", from.volumes, async () => {
  const pod = await held();
  expect(await pod.look("a", "cat /etc/motd; ls /etc/passwd")).toBe("from the host\n/etc/passwd\n");
});

behaviour(
  "volume-10",
  "DirectoryOrCreate makes the folder, mode 0755, owned by root",
  from.volumes,
  async () => {
    expect(await (await held()).look("a", "stat -c '%F %a %u:%g' /made")).toBe("directory 755 0:0\n");
  },
);

behaviour(
  "volume-11",
  "FileOrCreate makes an empty file, mode 0644, owned by root",
  from.volumes,
  async () => {
    expect(await (await held()).look("a", "stat -c '%F %a %u:%g' /touched")).toBe(
      "regular empty file 644 0:0\n",
    );
  },
);

behaviour(
  "volume-12",
  "a hostPath of type Directory that is not there keeps the pod from starting",
  from.volumes,
  async () => {
    const volumes = [{ name: "v", hostPath: { path: join(folder, "nope"), type: "Directory" } }];
    const said = await node.refused(
      pod("lacks", [idle("a", { volumeMounts: [mount("v", "/v")] })], { volumes }),
    );
    expect(said).toContain("hostPath type check failed");
  },
);

behaviour(
  "volume-13",
  "subPath mounts a folder inside the volume, and makes it if it is missing",
  from.volumes,
  async () => {
    const pod = await held();
    expect(await pod.look("a", "cat /deep/leaf; ls /new | wc -l")).toBe("leaf\n0\n");
    await pod.look("a", "echo x > /new/file; echo y > /inner/file");
    expect(await pod.look("a", "cat /host/made/for/me/file /one/x/y/file 2>&1 || ls -la /one")).toContain(
      "x\n",
    );
  },
);

behaviour("volume-14", "subPath of a file mounts that file alone", from.volumes, async () => {
  expect(await (await held()).look("a", "stat -c %F /leaf; cat /leaf")).toBe("regular file\nleaf\n");
});

behaviour("volume-15", "subPathExpr is expanded by the container's variables", from.volumes, async () => {
  const pod = await held();
  await pod.look("a", "echo mine > /expr/file");
  expect(readFileSync(join(folder, "of-held/file"), "utf8")).toBe("mine\n");
});

behaviour("volume-16", "a subPath whose link leads out of the volume is refused", from.volumes, async () => {
  await (await held()).look("a", "ln -sfn /etc /host/out");
  const volumes = [{ name: "v", hostPath: { path: folder } }];
  const said = await node.refused(
    pod("escape", [idle("a", { volumeMounts: [mount("v", "/v", { subPath: "out/passwd" })] })], { volumes }),
  );
  expect(said).toMatch(/subPath/);
});

behaviour("volume-17", "mounts hide what the image has at their path", from.volumes, async () => {
  const ran = await node.ended(
    podWith("hides", [
      sh("a", "ls -A /etc", {
        command: ["/bin/busybox", "ls", "-A", "/usr/share"],
        volumeMounts: [mount("v", "/usr/share")],
      }),
    ]),
  )();
  expect(ran.printed("a")).toBe("");
  expect(ran.code).toBe(0);
});

function podWith(name: string, containers: Parameters<typeof pod>[1]) {
  return pod(name, containers, { volumes: [{ name: "v", emptyDir: {} }] });
}
