import { constants } from "node:os";
import type { ContainerOp } from "../plan/container-op.ts";
import { rlimitNames, unlimited } from "../security/index.ts";
import { capabilityText } from "./capabilities.ts";
import type { RootOp } from "./container-root.ts";
import { type Narration, octal, shellWord } from "./narration.ts";
import type { MappedOp } from "./user-namespace.ts";

type ProcessOp = Exclude<
  ContainerOp,
  RootOp | MappedOp | { op: "setns" | "log" | "exit-record" | "attach" | "clone" | "gate" | "unshare" }
>;

/** An operation on the process itself, in words. */
export function describeProcessOp(op: ProcessOp): Narration {
  switch (op.op) {
    case "write-fd":
      return {
        what: `write ${JSON.stringify(op.data)} to descriptor ${op.fd}`,
        why: "The descriptor was opened before the file went out of sight.",
        syscalls: [`write(${op.fd}, ${JSON.stringify(op.data)})`],
      };
    case "write":
      return {
        what: op.path.endsWith("/tasks")
          ? `enter cgroup ${op.path.slice(0, -6)}`
          : `write ${JSON.stringify(op.data)} to ${op.path}`,
        why: op.path.endsWith("/tasks")
          ? "0 stands for the process that writes; what it starts from here on is counted there."
          : "A setting of the kernel.",
        syscalls: [`write("${op.path}", ${JSON.stringify(op.data)})`],
        shell: `echo ${op.data === "0" ? "$$" : shellWord(op.data)} > ${shellWord(op.path)}`,
      };
    case "sethostname":
      return {
        what: `set the hostname to ${op.name}`,
        why: "In the pod's own UTS namespace: every container of the pod sees it, the host does not.",
        syscalls: [`sethostname("${op.name}")`],
        shell: `nsenter -t $HOLDER -u hostname ${shellWord(op.name)}`,
      };
    case "setdomainname":
      return {
        what: `set the domain name to ${op.name}`,
        why: "In the pod's own UTS namespace.",
        syscalls: [`setdomainname("${op.name}")`],
        shell: `nsenter -t $HOLDER -u domainname ${shellWord(op.name)}`,
      };
    case "setsid":
      return {
        what: "begin a session of its own",
        why: "No terminal of the host can send it signals.",
        syscalls: ["setsid()"],
        shell: "setsid",
      };
    case "umask":
      return {
        what: `set the umask to ${octal(op.mask)}`,
        why: "New files get the usual modes, whatever shell tspod was started from.",
        syscalls: [`umask(${octal(op.mask)})`],
        shell: `umask ${octal(op.mask)}`,
      };
    case "pdeathsig":
      return {
        what: `be sent ${signalName(op.signal)} when the parent dies`,
        why: "Without its monitor nobody would see the container end: it must not go on unseen.",
        syscalls: [`prctl(PR_SET_PDEATHSIG, ${signalName(op.signal)})`],
        shell: "setpriv --pdeathsig KILL",
      };
    case "keyring":
      return {
        what: "take a new session keyring",
        why: "Keys of the kernel belong to a session: those of the host stay out of reach.",
        syscalls: ["keyctl(KEYCTL_JOIN_SESSION_KEYRING)"],
        shell: "keyctl session",
      };
    case "chdir":
      return {
        what: `go to ${op.path}`,
        why: "The working directory; made if it is not there, and proven to be inside the root.",
        syscalls: [`chdir("${op.path}")`, "getcwd()"],
        shell: `mkdir -p ${shellWord(op.path)} && cd ${shellWord(op.path)}`,
      };
    case "console":
      return {
        what: "open a terminal of the container's own devpts",
        why: "The host's terminal never changes hands.",
        syscalls: ['open("/dev/ptmx")', "ioctl(TIOCGPTPEER)", "ioctl(TIOCSCTTY)"],
      };
    case "stdin-null":
      return {
        what: "read standard input from /dev/null",
        why: "The container's own device, checked to be the real one.",
        syscalls: ['openat2("/dev/null")', "fstat()", "dup2(0)"],
        shell: "exec < /dev/null",
      };
    case "chown-stdio":
      return {
        what: `give the output pipes to ${op.uid}:${op.gid}`,
        why: "So that a program not running as root can open /dev/stdout again.",
        syscalls: [`fchown(1, ${op.uid}, ${op.gid})`, `fchown(2, ${op.uid}, ${op.gid})`],
      };
    case "rlimit":
      return {
        what: `limit "${rlimitNames[op.resource] ?? `resource ${op.resource}`}" to ${limitText(op.soft)} (at most ${limitText(op.hard)})`,
        why: "The same limits wherever tspod was started from.",
        syscalls: [`prlimit(${op.resource}, ${limitText(op.soft)}, ${limitText(op.hard)})`],
      };
    case "caps-bound":
      return {
        what: `limit the capabilities it can ever have to: ${capabilityText(op.mask)}`,
        why: "What is not in the bounding set cannot be gained, not even by a setuid program.",
        syscalls: ["prctl(PR_CAPBSET_DROP, …)"],
        shell: `setpriv --bounding-set ${privList(op.mask)}`,
      };
    case "user":
      return {
        what: `become user ${op.uid}, group ${op.gid}${op.groups.length > 0 ? `, also in ${op.groups.join(", ")}` : ""}`,
        why: "From runAsUser, runAsGroup and the image's own /etc/passwd and /etc/group.",
        syscalls: [`setgroups([${op.groups.join(", ")}])`, `setresgid(${op.gid})`, `setresuid(${op.uid})`],
        shell: `setpriv --reuid ${op.uid} --regid ${op.gid} ${op.groups.length > 0 ? `--groups ${op.groups.join(",")}` : "--clear-groups"}`,
      };
    case "caps":
      return {
        what: `keep these capabilities: ${capabilityText(op.effective)}`,
        why: "Pieces of root's power: the default set lets programs work and leaves the host alone.",
        syscalls: ["capset()"],
        shell: `setpriv --inh-caps ${privList(op.inheritable)} --ambient-caps ${privList(op.ambient)}`,
      };
    case "no-new-privs":
      return {
        what: "give up gaining privileges",
        why: "allowPrivilegeEscalation: false. Setuid programs run as the user who starts them.",
        syscalls: ["prctl(PR_SET_NO_NEW_PRIVS, 1)"],
        shell: "setpriv --no-new-privs",
      };
    case "seccomp":
      return {
        what: `filter system calls (${op.filter.length / 16} instructions)`,
        why: "System calls that a container has no use for are refused by the kernel.",
        syscalls: ["seccomp(SECCOMP_SET_MODE_FILTER)"],
      };
    case "close-fds":
      return {
        what: `close every descriptor from ${op.from} on`,
        why: "An open folder of the host would be a way out (CVE-2024-21626).",
        syscalls: [`close_range(${op.from}, ~0)`],
      };
    case "execve":
      return {
        what: `execute ${op.argv.map(shellWord).join(" ")}`,
        why: "The prepared process becomes the program: same pid, new code.",
        syscalls: [
          `execve("${op.candidates[0] ?? op.argv[0]}"${op.candidates.length > 1 ? `, or the next of ${op.candidates.length} places of PATH` : ""})`,
        ],
        shell: `exec env -i ${op.env.map(shellWord).join(" ")} ${op.argv.map(shellWord).join(" ")}`,
      };
    case "pause":
      return {
        what: "sleep, reaping what dies",
        why: "As PID 1 it adopts orphans and takes their exit, so that no zombie stays.",
        syscalls: ["rt_sigtimedwait()", "wait4(-1, WNOHANG)"],
        shell: "sleep infinity",
      };
  }
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

function limitText(value: bigint): string {
  return value >= unlimited ? "unlimited" : String(value);
}

function privList(mask: bigint): string {
  const text = capabilityText(mask);
  if (text === "none") return "-all";
  if (text === "all") return "+all";
  return ["-all", ...text.split(", ").map((name) => `+${name.toLowerCase()}`)].join(",");
}
