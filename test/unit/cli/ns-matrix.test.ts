import { describe, expect, it } from "vitest";
import { KINDS, nsMatrix } from "../../../src/cli/ns-matrix.ts";
import { nsCommands, nsLegend, nsTable } from "../../../src/cli/render/ns-table.ts";
import { plain } from "../../../src/cli/render/style.ts";

const links = (own: Record<string, number>) =>
  Object.fromEntries(KINDS.map((kind) => [kind, `${kind}:[${own[kind] ?? 1}]`]));

const host = { name: "host", pid: 1, links: links({}) };
const infra = { name: "<infra>", pid: 10, links: links({ net: 2, ipc: 2, uts: 2, mnt: 2 }) };
const a = { name: "a", pid: 11, links: links({ net: 2, ipc: 2, uts: 2, mnt: 3, pid: 3, cgroup: 3 }) };
const b = { name: "b", pid: 12, links: links({ net: 2, ipc: 2, uts: 2, mnt: 4, pid: 4, cgroup: 4 }) };
const matrix = nsMatrix(host, [infra, a, b]);

const cell = (row: number, kind: string) => matrix.rows[row]?.cells.find((one) => one.kind === kind);

describe("the matrix of namespaces", () => {
  it("gives one letter to one namespace, A to the host's", () => {
    expect(matrix.host.cells.map(({ letter }) => letter)).toEqual(KINDS.map(() => "A"));
    expect([0, 1, 2].map((row) => cell(row, "net")?.letter)).toEqual(["B", "B", "B"]);
    expect([0, 1, 2].map((row) => cell(row, "mnt")?.letter)).toEqual(["B", "C", "D"]);
    expect([0, 1, 2].map((row) => cell(row, "pid")?.letter)).toEqual(["A", "B", "C"]);
  });

  it("knows what is shared, what is the host's and what all have", () => {
    expect(cell(1, "net")).toMatchObject({ shared: true, host: false });
    expect(cell(1, "mnt")).toMatchObject({ shared: false, host: false });
    expect(cell(1, "user")).toMatchObject({ shared: true, host: true });
    expect(matrix.sharedByAll).toEqual({
      net: true,
      ipc: true,
      uts: true,
      pid: false,
      mnt: false,
      user: true,
      cgroup: false,
      time: true,
    });
  });

  it("does not take two that cannot be read for one", () => {
    const blind = { name: "x", pid: 20, links: {} };
    const unknown = nsMatrix(host, [blind, { ...blind, pid: 21 }]);
    expect(unknown.rows[0]?.cells[0]).toMatchObject({ letter: "?", shared: false, host: false });
    expect(unknown.sharedByAll.net).toBe(false);
  });
});

describe("the table of namespaces", () => {
  it("marks what is shared", () => {
    expect(nsTable(matrix, plain)).toBe(
      [
        "PROCESS         PID   net   ipc   uts   pid   mnt   user   cgroup   time",
        "host            1     A     A     A     A     A     A      A        A",
        "<infra>         10    B ✓   B ✓   B ✓   A     B     A      A        A",
        "a               11    B ✓   B ✓   B ✓   B     C     A      B        A",
        "b               12    B ✓   B ✓   B ✓   C     D     A      C        A",
        "shared by all         ✓     ✓     ✓     ✗     ✗     ✓      ✗        ✓",
        "",
      ].join("\n"),
    );
  });

  it("says what the letters stand for, and how to see it oneself", () => {
    expect(nsLegend(matrix)).toContain("A = net:[1], B = net:[2]");
    expect(nsCommands(matrix)).toContain(
      "sudo readlink /proc/11/ns/{net,ipc,uts,pid,mnt,user,cgroup,time}   # a",
    );
  });
});
