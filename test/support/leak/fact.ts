/** One thing that exists on this machine and that a pod could leave behind. */
export interface Fact {
  kind:
    | "process"
    | "namespace"
    | "mount"
    | "link"
    | "address"
    | "route"
    | "rule"
    | "firewall"
    | "cgroup"
    | "file"
    | "sysctl"
    | "shm";
  /** Unique among the facts of its kind, and the same at the next look. */
  id: string;
  /** For the report. */
  text: string;
  /** It may be gone at the next look, by nobody's fault. */
  passing?: boolean;
}
