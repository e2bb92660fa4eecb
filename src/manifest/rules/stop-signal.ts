import type { Container, PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";

const NAMED =
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ";

/** The signals of the API: named ones, and realtime ones counted from either end. */
const SIGNALS = [
  ...NAMED.split(" ").map((name) => `SIG${name}`),
  "SIGRTMIN",
  ...Array.from({ length: 15 }, (_, i) => `SIGRTMIN+${i + 1}`),
  ...Array.from({ length: 14 }, (_, i) => `SIGRTMAX-${14 - i}`),
  "SIGRTMAX",
];

/** Rules for lifecycle.stopSignal (validateStopSignal): the API asks which system's signals are meant. */
export function checkStopSignal(check: Check, path: string, { lifecycle }: Container, { os }: PodSpec): void {
  const signal = lifecycle?.stopSignal;
  if (signal === undefined) return;
  const at = `${path}.lifecycle.stopSignal`;
  if (!os?.name)
    check.forbidden(at, "may not be set for containers with empty `spec.os.name`", {
      help: "write os: {name: linux} in the spec",
    });
  if (SIGNALS.includes(signal)) return;
  const full = `SIG${signal.toUpperCase().replace(/^SIG/, "")}`;
  check.invalid(at, signal, "is no signal that a container can be stopped with", {
    help: "for example SIGTERM, SIGINT, SIGQUIT, SIGUSR1 or SIGRTMIN+3",
    ...(SIGNALS.includes(full) ? { note: `write ${full}` } : {}),
  });
}
