import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const who = "id -u; id -g; id -G";
const ids = "grep -E '^(Uid|Gid|Groups):' /proc/self/status";
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };

const users = node.ended(
  pod(
    "users",
    [
      sh("pods", `${who}; touch /v/mine; stat -c '%u %g' /v/mine`, v),
      sh("own", who, { securityContext: { runAsUser: 8, runAsGroup: 12 } }),
      sh("named", who, { securityContext: { runAsUser: 37, runAsGroup: 37 } }),
      sh("root", who, { securityContext: { runAsUser: 0, runAsGroup: 0 } }),
      sh("unknown", `${ids}; echo home $HOME`, { securityContext: { runAsUser: 5555 } }),
    ],
    {
      securityContext: { runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000, 4001], fsGroup: 2000 },
      volumes: [{ name: "v", emptyDir: {} }],
    },
  ),
);
const strict = node.ended(
  pod("strict", [sh("a", who)], {
    securityContext: {
      runAsUser: 37,
      runAsGroup: 37,
      supplementalGroups: [4000],
      supplementalGroupsPolicy: "Strict",
    },
  }),
);
const defaults = node.ended(
  pod("defaults", [
    sh("plain", `${who}; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status`),
    sh("no-group", who, { securityContext: { runAsUser: 5555 } }),
  ]),
);

behaviour(
  "security-01",
  "the pod's runAsUser and runAsGroup are those of its containers",
  from.security,
  async () => {
    expect((await users()).printed("pods").split("\n").slice(0, 2)).toEqual(["1000", "3000"]);
  },
);

behaviour("security-02", "a container's own values have the say over the pod's", from.security, async () => {
  expect((await users()).printed("own").split("\n").slice(0, 2)).toEqual(["8", "12"]);
  expect((await users()).printed("root").split("\n").slice(0, 2)).toEqual(["0", "0"]);
});

behaviour(
  "security-03",
  "supplementalGroups and fsGroup are groups of every process",
  from.security,
  async () => {
    const groups = (await users()).printed("pods").split("\n")[2]?.split(" ");
    expect(groups).toEqual(expect.arrayContaining(["3000", "4000", "4001", "2000"]));
  },
);

behaviour(
  "security-04",
  "groups that the image lists for the user are added to them",
  from.supplementalGroups,
  async () => {
    const groups = (await users()).printed("named").split("\n")[2]?.split(" ");
    expect(groups).toEqual(expect.arrayContaining(["37", "4", "50", "4000", "2000"]));
  },
);

behaviour(
  "security-05",
  "under supplementalGroupsPolicy Strict they are not",
  from.supplementalGroups,
  async () => {
    expect((await strict()).printed("a").split("\n")[2]?.split(" ").sort()).toEqual(["37", "4000"]);
  },
);

behaviour(
  "security-06",
  "a user without runAsGroup that the image does not know has group 0",
  from.security,
  async () => {
    expect((await defaults()).printed("no-group").split("\n").slice(0, 2)).toEqual(["5555", "0"]);
  },
);

behaviour(
  "security-07",
  "what a container writes belongs to its user, in a volume to fsGroup",
  from.security,
  async () => {
    expect((await users()).printed("pods")).toMatch(/^1000 2000$/m);
  },
);

behaviour(
  "security-08",
  "without a user in manifest and image, containers run as root",
  from.security,
  async () => {
    expect((await defaults()).printed("plain").split("\n").slice(0, 2)).toEqual(["0", "0"]);
  },
);

const volumes = node.running(
  pod(
    "volumes",
    [
      idle("a", {
        volumeMounts: ["empty", "memory", "secret", "map"].map((name) => ({ name, mountPath: `/${name}` })),
      }),
    ],
    {
      securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 },
      volumes: [
        { name: "empty", emptyDir: {} },
        { name: "memory", emptyDir: { medium: "Memory" } },
        { name: "secret", secret: { secretName: "s", defaultMode: 0o400 } },
        { name: "map", configMap: { name: "cm" } },
      ],
    },
  ),
  {
    objects: [
      { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { key: "x" } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" }, data: { key: "y" } },
    ],
  },
);

behaviour(
  "security-09",
  "volumes belong to fsGroup, and new files in them do too (setgid)",
  from.security,
  async () => {
    const pod = await volumes();
    for (const path of ["/empty", "/memory"]) {
      expect(
        await pod.look("a", `stat -c '%g %A' ${path}; touch ${path}/x; stat -c %g ${path}/x`),
        path,
      ).toMatch(/^2000 d.....s...\n2000\n$/);
    }
  },
);

behaviour(
  "security-10",
  "fsGroup can read secrets and maps, whatever their mode leaves out",
  from.security,
  async () => {
    const pod = await volumes();
    expect(await pod.look("a", "cat /secret/key; stat -L -c ' %a %g' /secret/key")).toBe("x 440 2000\n");
    expect(await pod.look("a", "stat -L -c '%a %g' /map/key")).toBe("644 2000\n");
  },
);

behaviour("security-11", "runAsNonRoot refuses to run a container as root", from.security, async () => {
  const root = pod("root", [sh("a", "true")], { securityContext: { runAsNonRoot: true } });
  expect(await node.refused(root)).toContain("container has runAsNonRoot and image will run as root");
  const asked = pod("root", [sh("a", "true", { securityContext: { runAsNonRoot: true, runAsUser: 0 } })]);
  expect(await node.refused(asked)).toMatch(/runAsNonRoot/);
});

behaviour("security-12", "runAsNonRoot lets any other user run", from.security, async () => {
  const ran = await node.ended(
    pod("fine", [sh("a", "id -u", { securityContext: { runAsNonRoot: true, runAsUser: 1 } })]),
  )();
  expect(ran.printed("a")).toBe("1\n");
});

const writes = node.ended(
  pod(
    "writes",
    [
      sh(
        "read-only",
        "touch /x; touch /tmp/x; touch /v/x && echo volume; echo > /dev/null && echo dev; pwd",
        {
          ...v,
          workingDir: "/not/in/the/image",
          securityContext: { readOnlyRootFilesystem: true },
        },
      ),
      sh(
        "generated",
        'for file in hostname resolv.conf hosts; do printf "" >> "/etc/$file" && echo "$file"; done; echo > /dev/termination-log && echo log',
        { securityContext: { readOnlyRootFilesystem: true } },
      ),
      sh("writable", "touch /x && echo root"),
    ],
    { volumes: [{ name: "v", emptyDir: {} }] },
  ),
);

behaviour(
  "security-13",
  "readOnlyRootFilesystem makes the root read-only, volumes stay writable",
  from.security,
  async () => {
    const pod = await writes();
    expect(pod.printed("read-only", "stderr")).toMatch(
      /\/x: Read-only file system\n.*\/tmp\/x: Read-only file system/,
    );
    expect(pod.printed("read-only")).toBe("volume\ndev\n/not/in/the/image\n");
    // As containerd and the kubelet have it.
    expect(pod.printed("generated")).toBe("hosts\nlog\n");
  },
);

behaviour(
  "security-14",
  "a root file system is writable, and what is written goes with the container",
  from.security,
  async () => {
    expect((await writes()).printed("writable")).toBe("root\n");
  },
);
