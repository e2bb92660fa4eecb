import type { PodRow } from "./pod-row.ts";

export interface ListOptions {
  wide: boolean;
  /** A NAMESPACE column. */
  namespaces: boolean;
}

export function headings({ wide, namespaces }: ListOptions): string[] {
  return [
    ...(namespaces ? ["NAMESPACE"] : []),
    ...["NAME", "READY", "STATUS", "RESTARTS", "AGE"],
    ...(wide ? ["IP", "NODE", "NOMINATED NODE", "READINESS GATES", "PORTS", "UID"] : []),
  ];
}

export function cells(row: PodRow, ports: string, { wide, namespaces }: ListOptions): string[] {
  return [
    ...(namespaces ? [row.namespace] : []),
    ...[row.name, row.ready, row.status, row.restarts, row.age],
    ...(wide ? [row.ip, row.node, row.nominatedNode, row.gates, ports || "<none>", row.uid] : []),
  ];
}
