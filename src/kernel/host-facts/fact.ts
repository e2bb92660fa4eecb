/** One line of `tspod doctor`. */
export interface HostFact {
  /** Stable, for programs: `cgroup.memory`. */
  id: string;
  ok: boolean;
  /** What it means when not ok: error, pods cannot run; warning, something is missing from some; info, good to know. */
  level: "error" | "warning" | "info";
  title: string;
  /** What was found. */
  detail: string;
  /** The way out when not ok, "" when there is none to name. */
  hint: string;
}
