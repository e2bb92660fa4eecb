import type { Pod } from "../../manifest/index.ts";

export interface ServiceUnit {
  pods: readonly Pod[];
  /** Absolute paths. */
  files: readonly string[];
  root: string | undefined;
  namespace: string | undefined;
  /** The installed tspod. */
  command: string;
}

/** Seconds beyond the pods' own grace period until systemd kills the command itself, and with it nothing of the pods. */
const SLACK = 15;

/**
 * A unit for systemd that runs the pods in its foreground: Type=notify, up when they are ready; its exit code is theirs
 * (systemd.service(5)).
 */
export function serviceUnit({ pods, files, root, namespace, command }: ServiceUnit): string {
  const names = pods.map(({ metadata }) => metadata?.name ?? "").join(", ");
  const grace = Math.max(...pods.map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 30));
  const flags = [
    ...(root === undefined ? [] : ["--root", root]),
    ...(namespace === undefined ? [] : ["-n", namespace]),
  ];
  const argv = [command, ...flags, "run", "--quiet", "--replace", ...files].map(quoted).join(" ");
  return `[Unit]
Description=Pod ${names} (tspod)
Wants=network-online.target
After=network-online.target local-fs.target

[Service]
Type=notify
NotifyAccess=main
ExecStart=${argv}
# TERM goes to tspod alone, which ends the containers as the manifest says.
KillMode=mixed
TimeoutStartSec=infinity
TimeoutStopSec=${grace + SLACK}
# Containers are restarted by the pods' restartPolicy; this is for tspod itself.
Restart=on-abnormal

[Install]
WantedBy=multi-user.target
`;
}

/** systemd.syntax(7): quotes for spaces, \\ and " escaped, % and $ doubled. */
function quoted(word: string): string {
  const escaped = word.replace(/[\\"]/g, "\\$&").replace(/[%$]/g, "$&$&");
  return /[\s'"\\;]/.test(word) || word === "" ? `"${escaped}"` : escaped;
}
