import { KINDS, type Kind, type NsMatrix, type NsRow } from "../ns-matrix.ts";
import { nameColour, type Style } from "./style.ts";
import { table } from "./table.ts";

const WHY: Record<Kind, string> = {
  net: "one network: one address, one set of ports, and localhost between containers",
  ipc: "one set of System V and POSIX message queues, semaphores and shared memory",
  uts: "one hostname, the pod's",
  pid: "one process table, only with shareProcessNamespace; PID 1 is then /pause",
  mnt: "never shared: each container has its own root filesystem; volumes are mounted into each",
  user: "shared with the host: uid 0 inside is uid 0 outside, less its capabilities",
  cgroup: "each container sees its own cgroup as the root",
  time: "shared with the host: the same clocks since boot",
};

/** The matrix of processes and namespaces; one letter and colour for each namespace of a column. */
export function nsTable(matrix: NsMatrix, style: Style): string {
  const marks = [
    "shared by all",
    "",
    ...KINDS.map((kind) => (matrix.sharedByAll[kind] ? style("green", "✓") : style("red", "✗"))),
  ];
  return table([
    ["PROCESS", "PID", ...KINDS],
    rowText(matrix.host, style),
    ...matrix.rows.map((row) => rowText(row, style)),
    marks,
  ]);
}

function rowText({ name, pid, cells }: NsRow, style: Style): string[] {
  return [
    name,
    String(pid),
    ...cells.map(({ letter, shared, host }) => {
      const colour = host ? "dim" : nameColour(letter.charCodeAt(0) - 65);
      return style(colour, `${letter}${shared && !host ? " ✓" : ""}`);
    }),
  ];
}

/** What each letter stands for, and why it is shared or not. */
export function nsLegend(matrix: NsMatrix): string {
  const lines = [
    "A is the host's namespace; another letter, one of the pod's; ✓ marks those that several of its processes share.",
  ];
  for (const [column, kind] of KINDS.entries()) {
    const cells = [matrix.host, ...matrix.rows].map((row) => row.cells[column]);
    const links = [...new Map(cells.map((cell) => [cell?.letter, cell?.link])).entries()]
      .map(([letter, link]) => `${letter} = ${link || "not readable"}`)
      .join(", ");
    const why = kind === "user" && matrix.ids.length > 0 ? ownIds(matrix.ids) : WHY[kind];
    lines.push(`  ${kind.padEnd(6)} ${why}`, `         ${links}`);
  }
  return `${lines.join("\n")}\n`;
}

/** With hostUsers: false. */
function ownIds(ids: NsMatrix["ids"]): string {
  const ranges = ids.map(
    ({ inside, outside, size }) =>
      `${inside} to ${inside + size - 1} inside are ${outside} to ${outside + size - 1} here`,
  );
  return `the pod's own, which owns its others: ${ranges.join(", ")}`;
}

/** The commands that prove it: lines that are equal are one namespace. */
export function nsCommands(matrix: NsMatrix): string {
  const lines = matrix.rows.map(
    ({ name, pid }) => `  sudo readlink /proc/${pid}/ns/{${KINDS.join(",")}}   # ${name}`,
  );
  return `See for yourself (equal lines are one namespace):\n${lines.join("\n")}\n  readlink /proc/self/ns/{${KINDS.join(",")}}   # this shell\n`;
}
