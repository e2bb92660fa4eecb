import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { expect } from "vitest";
import { idle, pod, sh, web } from "../e2e/support/pods.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const host = (kind: string) => readlinkSync(`/proc/self/ns/${kind}`);
const pair = node.running(
  pod("pair", [web("a", 8080, "from a"), idle("b"), idle("c", { securityContext: { privileged: true } })]),
);
const shared = node.running(
  pod("shared", [sh("a", "sleep 4321 & sleep 4444 & wait"), idle("b")], { shareProcessNamespace: true }),
);
const hosts = node.ended(
  pod(
    "hosts",
    [
      sh(
        "a",
        `for one in net pid ipc uts; do readlink /proc/self/ns/$one; done; hostname; ls -d /proc/${process.pid}`,
      ),
    ],
    { hostNetwork: true, hostPID: true, hostIPC: true },
  ),
);
const namespace = async (container: string, kind: string) =>
  (await (await pair()).look(container, `readlink /proc/self/ns/${kind}`)).trim();

behaviour("namespace-01", "containers of a pod reach each other by localhost", from.pods, async () => {
  const pod = await pair();
  expect(await eventually(() => pod.look("b", "wget -qO- http://localhost:8080/"))).toBe("from a\n");
});

behaviour("namespace-02", "a pod has one address, the same in each container", from.pods, async () => {
  const pod = await pair();
  const { podIP, podIPs } = (await pod.get()).status;
  expect(podIPs).toEqual([{ ip: podIP }]);
  for (const container of ["a", "b"]) {
    const addresses = await pod.look(
      container,
      "ip -4 -o addr show scope global | awk '{print $4}' | cut -d/ -f1",
    );
    expect(addresses.trim(), container).toBe(podIP);
  }
});

behaviour(
  "namespace-03",
  "the node reaches a pod by its address, declared port or not",
  from.networking,
  async () => {
    const { podIP } = (await (await pair()).get()).status;
    expect((await eventually(() => httpGet(`http://${podIP}:8080/`))).body).toBe("from a\n");
  },
);

behaviour(
  "namespace-04",
  "pods reach each other by their addresses, without NAT",
  from.networking,
  async () => {
    const { podIP } = (await (await pair()).get()).status;
    await eventually(() => httpGet(`http://${podIP}:8080/`));
    const ran = await node.ended(pod("client", [sh("a", `wget -qO- http://${podIP}:8080/`)]))();
    expect(ran.printed("a")).toBe("from a\n");
  },
);

behaviour("namespace-05", "containers share the ipc namespace and /dev/shm", from.pods, async () => {
  const pod = await pair();
  expect(await namespace("a", "ipc")).toBe(await namespace("b", "ipc"));
  expect(await namespace("a", "ipc")).not.toBe(host("ipc"));
  await pod.look("a", "echo segment > /dev/shm/x");
  expect(await pod.look("b", "cat /dev/shm/x")).toBe("segment\n");
});

behaviour("namespace-06", "containers share the host name, which is the pod's name", from.pods, async () => {
  const pod = await pair();
  expect(await pod.look("a", "hostname; cat /etc/hostname")).toBe("pair\npair\n");
  expect(await namespace("a", "uts")).toBe(await namespace("b", "uts"));
  await pod.look("c", "hostname changed");
  expect(await pod.look("b", "hostname")).toBe("changed\n");
});

behaviour(
  "namespace-07",
  "each container sees its own processes only, its command as PID 1",
  from.shareProcesses,
  async () => {
    const pod = await pair();
    const first = () => pod.look("a", "tr '\\0' ' ' < /proc/1/cmdline");
    await eventually(async () => (await first()).startsWith("httpd "), { what: "httpd as PID 1" });
    expect(await pod.look("b", "ps -o args")).not.toContain("httpd");
    expect(await namespace("a", "pid")).not.toBe(await namespace("b", "pid"));
  },
);

behaviour("namespace-08", "each container has a root and mounts of its own", from.pods, async () => {
  const pod = await pair();
  await pod.look("a", "touch /only-a");
  await expect(pod.look("b", "ls /only-a")).rejects.toThrow("No such file");
  expect(await namespace("a", "mnt")).not.toBe(await namespace("b", "mnt"));
});

behaviour(
  "namespace-09",
  "with shareProcessNamespace PID 1 is the pod's pause process",
  from.shareProcesses,
  async () => {
    expect(await (await shared()).look("a", "ps -o pid,args | sed -n 2p")).toMatch(/^ *1 \/pause\n$/);
  },
);

/** The pid of the process that was started as `args`, as a container sees it; empty when there is none. */
const pidIn = async (container: string, args: string) => {
  const script = `ps -o pid,args | awk -v args='${args}' '{ pid = $1; $1 = ""; if ($0 == " " args) print pid }'`;
  return (await (await shared()).look(container, script)).trim();
};

behaviour(
  "namespace-10",
  "with shareProcessNamespace containers see and signal each other's processes",
  from.shareProcesses,
  async () => {
    const pod = await shared();
    const pid = await eventually(() => pidIn("b", "sleep 4321"));
    expect(pid).toMatch(/^\d+$/);
    await pod.look("b", `kill ${pid}`);
    await eventually(async () => (await pidIn("b", "sleep 4321")) === "");
  },
);

behaviour(
  "namespace-11",
  "and reach each other's files through /proc/PID/root",
  from.shareProcesses,
  async () => {
    const pod = await shared();
    await pod.look("a", "echo own > /file");
    const pid = await eventually(() => pidIn("b", "sleep 4444"));
    expect(await pod.look("b", `cat /proc/${pid}/root/file`)).toBe("own\n");
    await expect(pod.look("b", "cat /file")).rejects.toThrow("No such file");
  },
);

behaviour(
  "namespace-12",
  "hostNetwork is the node's network, with its address as the pod's",
  from.pods,
  async () => {
    const pod = await hosts();
    expect(pod.printed("a")).toContain(host("net"));
    const { status } = await pod.get();
    expect(status.podIP).toBe(status.hostIP);
  },
);

behaviour("namespace-13", "hostNetwork has the node's host name", from.dns, async () => {
  expect((await hosts()).printed("a")).toMatch(new RegExp(`^${hostname()}$`, "m"));
});

behaviour("namespace-14", "hostPID shows the node's processes", from.standards, async () => {
  const pod = await hosts();
  expect(pod.printed("a")).toContain(host("pid"));
  expect(pod.printed("a")).toContain(`/proc/${process.pid}\n`);
});

behaviour("namespace-15", "hostIPC is the node's ipc namespace", from.standards, async () => {
  expect((await hosts()).printed("a")).toContain(host("ipc"));
});

behaviour(
  "namespace-16",
  "hostPID and shareProcessNamespace exclude each other",
  from.shareProcesses,
  async () => {
    const both = pod("both", [sh("a", "true")], { hostPID: true, shareProcessNamespace: true });
    expect(await node.refused(both)).toMatch(/shareProcessNamespace/i);
  },
);
