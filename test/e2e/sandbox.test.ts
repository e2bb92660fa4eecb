import { readFileSync, readlinkSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventually, httpGet } from "../support/tspod.ts";
import { idle, pod, web } from "./support/pods.ts";
import { descriptors, host, namespaceOf, pidsOf, statField, statusLine } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("the holder", () => {
  it("is the second container nobody asked for, started first (S1)", async () => {
    const file = tspod.manifest(pod("one", [idle("app")]));
    expect(await tspod.ok(["run", "-d", file])).toBe("pod/one started\n");

    expect(await tspod.ok(["ps"])).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE\none +1\/1 +Running +0 +\d+s\n$/,
    );
    const { infra, of } = await pidsOf(tspod, "one");
    const rows = (await tspod.ok(["ps", "--infra", "--no-headers"])).trimEnd().split("\n");
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 4))).toEqual([
      ["one", "<infra>", String(infra), "Running"],
      ["one", "app", String(of("app")), "Running"],
    ]);
    expect(readlinkSync(`/proc/${infra}/exe`)).toMatch(/^\/memfd:tspod/);
    expect(BigInt(statField(infra, 22))).toBeLessThanOrEqual(BigInt(statField(of("app"), 22)));
    // Pids are given out in order, and begin anew at the end.
    const pids = Number(readFileSync("/proc/sys/kernel/pid_max", "utf8"));
    expect((of("app") - infra + pids) % pids).toBeLessThan(pids / 2);

    expect(await tspod.ok(["rm", "one"])).toBe('pod "one" deleted\n');
  });

  it("is tiny, confined and truly paused (S2)", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("quiet", [idle("app")]))]);
    const { infra } = await pidsOf(tspod, "quiet");
    const ticks = () => Number(statField(infra, 14)) + Number(statField(infra, 15));
    const wakeUps = () => Number(statusLine(infra, "voluntary_ctxt_switches"));

    expect(statSync(`/proc/${infra}/exe`).size).toBeLessThanOrEqual(64 * 1024);
    expect(Number.parseInt(statusLine(infra, "VmRSS"), 10)).toBeLessThanOrEqual(128);
    expect(statusLine(infra, "State")).toBe("S (sleeping)");
    expect(statusLine(infra, "NoNewPrivs")).toBe("1");
    expect(statusLine(infra, "Seccomp")).toBe("2");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      expect(statusLine(infra, set), set).toBe("0000000000000000");
    }
    for (const [fd, target] of descriptors(infra)) {
      expect(["0", "1", "2"], target).toContain(fd);
    }
    // Its root is empty: there is nothing to run or read in it.
    expect(host("find", `/proc/${infra}/root/`, "-mindepth", "1").trim()).toBe("");
    // rt_sigtimedwait (128) or pause (34): it waits for signals, not for time.
    expect(readFileSync(`/proc/${infra}/syscall`, "utf8")).toMatch(/^(128|34) /);

    const [cpu, switches] = [ticks(), wakeUps()];
    await sleep(3000);
    expect(ticks() - cpu).toBe(0);
    expect(wakeUps() - switches).toBe(0);

    await tspod.ok(["rm", "-f", "quiet"]);
  });
});

describe("namespaces", () => {
  for (const shared of [false, true]) {
    it(`net, ipc and uts are shared, pid ${shared ? "too when asked" : "is each one's own"} (S4, S12)`, async () => {
      const spec = shared ? { shareProcessNamespace: true } : {};
      await tspod.ok(["run", "-d", tspod.manifest(pod("ghost", [idle("nginx"), idle("ghost")], spec))]);
      const { infra, of } = await pidsOf(tspod, "ghost");
      const all = [infra, of("nginx"), of("ghost")];
      const distinct = (kind: string, pids = all) => new Set(pids.map((pid) => namespaceOf(pid, kind))).size;

      for (const kind of ["net", "ipc", "uts"]) {
        expect(distinct(kind), kind).toBe(1);
        expect(namespaceOf(infra, kind), kind).not.toBe(namespaceOf("self", kind));
      }
      expect(distinct("mnt", [...all, process.pid])).toBe(4);
      if (shared) expect(distinct("pid")).toBe(1);
      else expect(distinct("pid", [of("nginx"), of("ghost"), process.pid])).toBe(3);
      expect(new Set(all.map((pid) => namespaceOf(pid, "user")))).toEqual(
        new Set([namespaceOf("self", "user")]),
      );

      // The host's own tools agree.
      const lsns = host("lsns", "-n", "-p", String(of("nginx")), "-o", "TYPE,NS");
      for (const kind of ["net", "ipc", "uts", "mnt", "pid"]) {
        const inode = /\[(\d+)\]/.exec(namespaceOf(of("nginx"), kind))?.[1];
        expect(lsns, kind).toMatch(new RegExp(`^${kind} +${inode}$`, "m"));
      }

      const table = await tspod.ok(["ns", "ghost"]);
      expect(table).toMatch(/^PROCESS +PID +net +ipc +uts +pid +mnt +user +cgroup +time$/m);
      const rowOf = (name: string) => new RegExp(`^${name} +\\S+ +(.*)$`, "m").exec(table)?.[1]?.trimEnd();
      for (const name of ["<infra>", "nginx", "ghost"]) {
        const pidCell = shared ? "[B-Z] ✓" : name === "<infra>" ? "A" : "[B-Z]";
        expect(rowOf(name), name).toMatch(new RegExp(`^B ✓ +B ✓ +B ✓ +${pidCell} +[B-Z] +A +\\S+ +A$`));
      }
      expect(/^shared by all +(.*)$/m.exec(table)?.[1]?.split(/ +/)).toEqual(
        ["✓", "✓", "✓", shared ? "✓" : "✗", "✗", "✓"].concat([expect.any(String), "✓"]),
      );
      // The commands that prove it can be run as they are printed.
      const commands = table.split("\n").flatMap((line) => /^ +sudo (readlink .*)$/.exec(line)?.[1] ?? []);
      expect(commands).toHaveLength(3);
      const printed = commands.map((command) => host("bash", "-c", command).split("\n")[0]);
      expect(new Set(printed)).toEqual(new Set([namespaceOf(infra, "net")]));
      expect(await tspod.ok(["ns", "--verify", "ghost"])).not.toMatch(/✗ .*recorded/);

      await tspod.ok(["rm", "-f", "ghost"]);
    });
  }
});

describe("the network", () => {
  it("is one: the same devices, one address, localhost between containers (S13, S31, S12)", async () => {
    const show = { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };
    const a = web("a", 8080, "from a", { env: [show] });
    await tspod.ok(["run", "-d", tspod.manifest(pod("pair", [a, idle("b")]))]);
    const { infra, of } = await pidsOf(tspod, "pair");
    const { status } = await tspod.inspect("pair");
    const ip = status.podIP;

    const addresses = (pid: number) => host("nsenter", "-t", String(pid), "-n", "ip", "-j", "address");
    const links = JSON.parse(addresses(infra)) as {
      ifname: string;
      addr_info: { local: string; scope: string }[];
    }[];
    const global = links.flatMap(({ addr_info }) => addr_info.filter(({ scope }) => scope === "global"));
    expect(links.map(({ ifname }) => ifname)).toEqual(["lo", "eth0"]);
    expect(global.map(({ local }) => local)).toEqual([ip]);
    expect(addresses(of("a"))).toBe(addresses(infra));
    expect(addresses(of("b"))).toBe(addresses(infra));

    const inside = async (container: string, ...command: string[]) =>
      (await tspod.ok(["exec", "-c", container, "pair", "--", ...command])).trim();
    expect(await inside("a", "ip", "address")).toBe(await inside("b", "ip", "address"));
    expect(await inside("a", "ip", "address")).toContain(`inet ${ip}/`);
    expect(await inside("b", "hostname", "-i")).toBe(ip);
    expect(await inside("a", "sh", "-c", "echo $POD_IP")).toBe(ip);
    expect(await eventually(() => inside("b", "wget", "-qO-", "http://localhost:8080/"))).toBe("from a");
    expect((await httpGet(`http://${ip}:8080/`)).body).toBe("from a\n");
    expect(await tspod.ok(["ps", "-o", "wide"])).toMatch(
      new RegExp(`^pair +2/2 +Running +0 +\\d+s +${ip} `, "m"),
    );
    // The way out: a default route through the bridge.
    expect(host("nsenter", "-t", String(infra), "-n", "ip", "route")).toMatch(/^default via [\d.]+ dev eth0/);

    await tspod.ok(["rm", "-f", "pair"]);
  });

  it("reaches from pod to pod, and the ways of removed pods are free again", async () => {
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("server", [web("web", 80, "hello")])),
      tspod.manifest(pod("client", [idle("c")])),
    ]);
    const { status } = await tspod.inspect("server");
    const page = () => tspod.ok(["exec", "client", "--", "wget", "-qO-", `http://${status.podIP}/`]);
    expect(await eventually(page)).toBe("hello\n");
    expect(await tspod.ok(["rm", "-f", "server", "client"])).toBe(
      'pod "server" deleted\npod "client" deleted\n',
    );
  });
});
