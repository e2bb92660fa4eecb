import { syscallTable } from "./gen/syscalls.ts";

/** One way of entering the kernel. */
export type Abi = "x86_64" | "x32" | "x86" | "aarch64" | "arm";

const columns: readonly Abi[] = ["x86_64", "x32", "x86", "aarch64", "arm"];

/** AUDIT_ARCH_* of include/uapi/linux/audit.h. x32 differs from x86_64 in a bit of the number only. */
export const auditArch: Record<Abi, number> = {
  x86_64: 0xc000003e,
  x32: 0xc000003e,
  x86: 0x40000003,
  aarch64: 0xc00000b7,
  arm: 0x40000028,
};

export const x32Bit = 0x40000000;

const ociNames: Record<string, Abi> = {
  SCMP_ARCH_X86_64: "x86_64",
  SCMP_ARCH_X32: "x32",
  SCMP_ARCH_X86: "x86",
  SCMP_ARCH_AARCH64: "aarch64",
  SCMP_ARCH_ARM: "arm",
};

/** The ABI of an OCI architecture name; undefined for those of other machines. */
export function abiOf(ociName: string): Abi | undefined {
  return ociNames[ociName];
}

/** ABIs of a host, its own first, with its name in Go (as profiles' `arches` say it). */
export function hostAbis(arch: string): { abis: Abi[]; goArch: string } | undefined {
  if (arch === "x64") return { abis: ["x86_64", "x86", "x32"], goArch: "amd64" };
  if (arch === "arm64") return { abis: ["aarch64", "arm"], goArch: "arm64" };
  return undefined;
}

const parsed = new Map<Abi, Map<string, number>>();

/** Numbers by name of an ABI, as seccomp sees them (with the bit of x32). */
export function syscallNumbers(abi: Abi): Map<string, number> {
  const numbers = parsed.get(abi) ?? parse(abi);
  parsed.set(abi, numbers);
  return numbers;
}

function parse(abi: Abi): Map<string, number> {
  const column = columns.indexOf(abi) + 1;
  const base = abi === "x32" ? x32Bit : 0;
  const numbers = new Map<string, number>();
  for (const line of syscallTable.trim().split("\n")) {
    const fields = line.split(" ");
    const field = fields[column];
    if (field) numbers.set(fields[0] as string, Number(field) + base);
  }
  return numbers;
}

/** On 32-bit x86 these also go through socketcall(2) or ipc(2), with this number as first argument. */
export const multiplexed: Record<string, { call: "socketcall" | "ipc"; number: number }> = Object.fromEntries(
  [
    ...[
      "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom",
      "shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg",
    ]
      .join(" ")
      .split(" ")
      .map((name, index) => [name, { call: "socketcall", number: index + 1 }]),
    ...Object.entries({
      semop: 1,
      semget: 2,
      semctl: 3,
      semtimedop: 4,
      msgsnd: 11,
      msgrcv: 12,
      msgget: 13,
      msgctl: 14,
      shmat: 21,
      shmdt: 22,
      shmget: 23,
      shmctl: 24,
    }).map(([name, number]) => [name, { call: "ipc", number }]),
  ],
);
