import { overlayPath } from "../../narrate/container-root.ts";
import { attributeOptions, namespaceNames } from "../../narrate/flags.ts";
import type { ContainerOp } from "../../plan/container-op.ts";
import type { ExplainedPod } from "../../pod/index.ts";
import { namesOf, unlimited } from "../../security/index.ts";

type Op<K extends ContainerOp["op"]> = Extract<ContainerOp, { op: K }>;

const RLIMITS = [
  "CPU",
  "FSIZE",
  "DATA",
  "STACK",
  "CORE",
  "RSS",
  "NPROC",
  "NOFILE",
  "MEMLOCK",
  "AS",
  "LOCKS",
  "SIGPENDING",
  "MSGQUEUE",
  "NICE",
  "RTPRIO",
  "RTTIME",
].map((name) => `RLIMIT_${name}`);

/**
 * Each container as an OCI runtime's `config.json`, by name. What the holder shares is joined through $HOLDER, its
 * pid; the overlay, which an OCI runtime expects to find mounted, stands in the annotations.
 */
export function ociConfigs(plan: ExplainedPod): Record<string, unknown> {
  const holder = innerOps(plan.sandbox);
  const hostname = holder.find((op) => op.op === "sethostname");
  const mapped = holder.find((op) => op.op === "clone-mapped");
  return Object.fromEntries(
    plan.containers.map(({ name, ops }) => [name, ociConfig(innerOps(ops), hostname?.name, mapped)]),
  );
}

function innerOps(ops: ExplainedPod["sandbox"]): ContainerOp[] {
  return ops.flatMap((op) => (op.op === "holder-start" || op.op === "container-start" ? op.ops : []));
}

function ociConfig(
  ops: readonly ContainerOp[],
  hostname: string | undefined,
  mapped: Op<"clone-mapped"> | undefined,
): unknown {
  const inside = ops.slice(ops.findIndex(({ op }) => op === "clone"));
  const all = <K extends ContainerOp["op"]>(name: K) => ops.filter((op): op is Op<K> => op.op === name);
  const one = <K extends ContainerOp["op"]>(name: K) => all(name)[0];
  const overlay = one("overlay");
  const oom = [...all("proc-write"), ...all("write")].find(({ path }) => path.endsWith("oom_score_adj"));
  const ids = mapped && [{ containerID: 0, hostID: mapped.first, size: mapped.size }];
  return {
    ociVersion: "1.2.0",
    process: {
      terminal: one("console") !== undefined,
      user: userOf(all("user").at(-1), one("umask")),
      args: one("execve")?.argv ?? [],
      env: one("execve")?.env ?? [],
      cwd: one("chdir")?.path ?? "/",
      capabilities: capabilitiesOf(one("caps-bound"), one("caps")),
      rlimits: all("rlimit").map(({ resource, soft, hard }) => ({
        type: RLIMITS[resource],
        soft: limit(soft),
        hard: limit(hard),
      })),
      noNewPrivileges: one("no-new-privs") !== undefined,
      ...(oom ? { oomScoreAdj: Number(oom.data) } : {}),
    },
    root: { path: all("root").at(-1)?.path ?? "", readonly: one("root-attr") !== undefined },
    ...(hostname === undefined ? {} : { hostname }),
    mounts: mountsOf(inside, ops),
    linux: {
      namespaces: namespacesOf(
        all("setns").at(-1),
        inside.filter((op): op is Op<"clone" | "unshare"> => op.op === "clone" || op.op === "unshare"),
      ),
      ...(ids ? { uidMappings: ids, gidMappings: ids } : {}),
      maskedPaths: all("mask").map(({ path }) => path),
      readonlyPaths: all("readonly").map(({ path }) => path),
      devices: all("dev").map(({ path, major, minor, mode }) => ({
        path,
        type: isBlock(mode) ? "b" : "c",
        major,
        minor,
        fileMode: mode & 0o7777,
      })),
    },
    ...(overlay ? { annotations: { "tspod.overlay": overlayOptions(overlay) } } : {}),
  };
}

function overlayOptions({ lowers, upper, work, options }: Op<"overlay">): string {
  const dirs = [`lowerdir=${lowers.map(overlayPath).join(":")}`, `upperdir=${overlayPath(upper)}`];
  return [...dirs, `workdir=${overlayPath(work)}`, ...options].join(",");
}

/** RLIM_INFINITY is a 64-bit number that JSON's doubles cannot hold. */
function limit(value: bigint): number {
  return value >= unlimited ? Number.MAX_SAFE_INTEGER : Number(value);
}

function userOf(user: Op<"user"> | undefined, umask: Op<"umask"> | undefined) {
  return {
    uid: user?.uid ?? 0,
    gid: user?.gid ?? 0,
    ...(user && user.groups.length > 0 ? { additionalGids: user.groups } : {}),
    ...(umask ? { umask: umask.mask } : {}),
  };
}

function capabilitiesOf(bound: Op<"caps-bound"> | undefined, caps: Op<"caps"> | undefined) {
  const names = (mask: bigint | undefined) => namesOf(mask ?? 0n).map((name) => `CAP_${name}`);
  return {
    bounding: names(bound?.mask),
    effective: names(caps?.effective),
    permitted: names(caps?.permitted),
    inheritable: names(caps?.inheritable),
    ambient: names(caps?.ambient),
  };
}

function mountsOf(inside: readonly ContainerOp[], ops: readonly ContainerOp[]): unknown[] {
  const trees = new Map(ops.flatMap((op) => (op.op === "tree" ? [[op.fd, op.source] as const] : [])));
  const mapped = new Set(ops.flatMap((op) => (op.op === "id-map" ? [op.fd] : [])));
  const root = ops.findLast((op) => op.op === "root");
  return inside.flatMap((op): unknown[] => {
    if (op.op === "fs") {
      const options = [...attributeOptions(op.attrs), ...op.options];
      return [{ destination: op.target, type: op.fstype, source: op.fstype, options }];
    }
    // The root itself is no mount to an OCI runtime.
    if (op.op !== "bind" || op.target === root?.path) return [];
    const from = op.source || (trees.get(op.tree) ?? "");
    const source = op.subPath === "" ? from : `${from}/${op.subPath}`;
    const options = [
      op.recursive ? "rbind" : "bind",
      ...attributeOptions(op.set),
      ...(mapped.has(op.tree) ? ["idmap"] : []),
    ];
    return [{ destination: op.target, type: "bind", source, options }];
  });
}

const OCI_NAMES: Record<string, string> = { net: "network", mnt: "mount" };

function namespacesOf(joined: Op<"setns"> | undefined, own: readonly { flags: number }[]): unknown[] {
  const type = (name: string) => OCI_NAMES[name] ?? name;
  return [
    ...namespaceNames(joined?.flags ?? 0).map((name) => ({
      type: type(name),
      path: `/proc/$HOLDER/ns/${name}`,
    })),
    ...own.flatMap(({ flags }) => namespaceNames(flags)).map((name) => ({ type: type(name) })),
  ];
}

/** S_IFBLK of stat(2) in a device's mode; without a kind it is a character device. */
function isBlock(mode: number): boolean {
  return (mode & 0o170000) === 0o060000;
}
