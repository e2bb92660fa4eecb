import { randomInt } from "node:crypto";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { pullPolicyOf } from "../../manifest/defaults.ts";
import { dnsLabelFaults } from "../../manifest/formats.ts";
import type { Container, EphemeralContainer, Pod } from "../../manifest/index.ts";

export interface DebugFlags {
  image?: string;
  container?: string;
  stdin?: boolean;
  tty?: boolean;
  target?: string;
  env?: string[];
  imagePullPolicy?: string;
  profile: Profile;
  withFs?: boolean;
  volumesFrom?: string;
}

export const PROFILES = ["general", "legacy", "baseline", "restricted", "netadmin", "sysadmin"] as const;
export type Profile = (typeof PROFILES)[number];

/** What kubectl's debugging profiles give an ephemeral container (KEP-1441). */
const CONTEXTS: Record<Profile, Container["securityContext"]> = {
  legacy: undefined,
  general: { capabilities: { add: ["SYS_PTRACE"] } },
  baseline: undefined,
  restricted: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  },
  netadmin: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
  sysadmin: { privileged: true },
};

/** kubectl's alphabet for suffixes: no vowels, so no words. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";

export function debuggerName(): string {
  return `debugger-${Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
}

/** The container that `debug` adds to a pod, with the defaults of one. @throws TspodError TS3497 */
export function debugContainer(
  pod: Pod,
  name: string,
  command: readonly string[],
  flags: DebugFlags,
): EphemeralContainer {
  const { image, target, volumesFrom } = flags;
  if (!image) throw bad("you must specify --image", "for example --image=busybox");
  const [fault] = dnsLabelFaults(name);
  if (fault) throw bad(`--container: Invalid value: ${JSON.stringify(name)}: ${fault}`);
  const security = CONTEXTS[flags.withFs && flags.profile === "legacy" ? "general" : flags.profile];
  const mounts = volumesFrom === undefined ? undefined : mountsOf(pod, volumesFrom);
  return {
    name,
    image,
    imagePullPolicy: flags.imagePullPolicy ?? pullPolicyOf(image),
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    ...(command.length > 0 ? { command: [...command] } : {}),
    ...(flags.env ? { env: flags.env.map(variable) } : {}),
    ...(flags.stdin ? { stdin: true } : {}),
    ...(flags.tty ? { tty: true } : {}),
    ...(target ? { targetContainerName: target } : {}),
    ...(security ? { securityContext: structuredClone(security) } : {}),
    ...(mounts ? { volumeMounts: mounts } : {}),
  };
}

/** The same volumes at the same places. Ephemeral containers may have no subPath, by the API's rules. */
function mountsOf({ spec }: Pod, name: string): NonNullable<Container["volumeMounts"]> {
  const container = spec?.containers.find((one) => one.name === name);
  if (!container) {
    const names = spec?.containers.map((one) => one.name).join(", ");
    throw bad(`--volumes-from: there is no container ${JSON.stringify(name)}`, `there is: ${names}`);
  }
  return (container.volumeMounts ?? []).filter(({ subPath, subPathExpr }) => !subPath && !subPathExpr);
}

function variable(text: string): { name: string; value: string } {
  const at = text.indexOf("=");
  if (at < 1) throw bad(`invalid env: ${text}`, "--env NAME=value");
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function bad(message: string, hint = "tspod debug POD -it --image=busybox --target=CONTAINER"): TspodError {
  return new TspodError({ code: "TS3497", message, hint, exitCode: ExitCode.invalid });
}
