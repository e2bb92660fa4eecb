import { existsSync } from "node:fs";
import { join } from "node:path";
import { podCgroupRemovalOps } from "../cgroup/index.ts";
import { unwind } from "../engine/execute.ts";
import { newHandles } from "../engine/handles.ts";
import { namesIn } from "../kernel/names-in.ts";
import { networkFor, networkTeardown } from "../net/index.ts";
import type { HostOp } from "../plan/host-op.ts";
import type { Host } from "../runtime/host.ts";
import { idRangeDirectory } from "../runtime/id-ranges.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import { listObjects } from "../state/objects.ts";
import { objectFolder } from "../state/paths.ts";
import { podUids, readPod } from "../state/records.ts";
import { cgroupName } from "./plan-input.ts";
import { recover } from "./recover.ts";
import { tidy } from "./remove.ts";

export interface GcReport {
  removed: string[];
}

/**
 * Removes what belongs to no pod: names all follow from uids, so what bears the uid of no known pod is left over from a
 * lost journal or a reboot. Touches only what has our names.
 */
export function collectGarbage(host: Host, { dryRun = false }: { dryRun?: boolean } = {}): GcReport {
  const removed: string[] = [];
  if (!dryRun) removed.push(...recover(host).map(({ pod, message }) => `pod ${pod}: ${message}`));
  const known = new Set(podUids(host.paths).filter((uid) => readPod(host.paths, uid)));
  const remove = (what: string, ops: HostOp[]) => {
    removed.push(what);
    if (!dryRun) unwind(ops, { kernel: host.kernel, handles: newHandles("", "") });
  };
  for (const uid of orphanCgroups(host, known)) {
    remove(`cgroups of pod ${uid}`, podCgroupRemovalOps(host.facts().layout, cgroupName(host), uid));
  }
  for (const { metadata } of orphanClaims(host, known)) {
    const { namespace, name } = metadata;
    const { lib } = host.paths;
    remove(`persistentvolumeclaim ${namespace}/${name}`, [
      { op: "remove-tree", path: join(lib, "volumes", namespace, name) },
      {
        op: "unlink",
        path: join(objectFolder(host.paths, "PersistentVolumeClaim"), namespace, `${name}.json`),
      },
    ]);
  }
  for (const path of orphanFolders(host, known)) remove(path, [{ op: "remove-tree", path }]);
  withLock(networkLock(host), () => {
    const directory = join(host.paths.run, "network");
    const addresses = join(directory, "addresses");
    const orphans = host.kernel
      .listDirectory(addresses)
      .filter((name) => isAddress(name) && !known.has(host.kernel.readFile(join(addresses, name)) ?? ""));
    for (const address of orphans)
      remove(`address ${address}`, [{ op: "unlink", path: join(addresses, address) }]);
    const ids = idRangeDirectory(host);
    for (const first of host.kernel.listDirectory(ids)) {
      if (!/^\d+$/.test(first) || known.has(host.kernel.readFile(join(ids, first)) ?? "")) continue;
      remove(`ids from ${first} on`, [{ op: "unlink", path: join(ids, first) }]);
    }
    const left = host.kernel.listDirectory(addresses).filter(isAddress).length;
    const links = host.kernel.hostNetwork();
    const network = networkFor({ rootId: host.paths.rootId, host: links, directory });
    const up = links.addresses.some(({ link }) => link === network.bridge);
    if (left === 0 && up)
      remove(`bridge ${network.bridge}, table ${network.table}`, networkTeardown(network));
  });
  if (!dryRun) {
    tidy(host);
  }
  return { removed };
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name);
}

/** Claims of ephemeral volumes, which a reboot keeps and their pods not. */
function orphanClaims(host: Host, known: ReadonlySet<string>) {
  return listObjects(host.paths, "PersistentVolumeClaim").filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ kind, uid }) => kind === "Pod" && !known.has(uid)),
  );
}

function orphanCgroups(host: Host, known: ReadonlySet<string>): string[] {
  const { layout } = host.facts();
  const roots = [layout.unified, ...Object.values(layout.v1)].filter((root) => root !== "");
  const uids = roots.flatMap((root) =>
    namesIn(join(root, cgroupName(host))).flatMap((name) => (name.startsWith("pod") ? [name.slice(3)] : [])),
  );
  return [...new Set(uids)].filter((uid) => !known.has(uid));
}

/** Writable layers and volumes under /var/lib outlive a reboot; their pods, recorded under /run, do not. */
function orphanFolders(host: Host, known: ReadonlySet<string>): string[] {
  const layers = join(host.paths.lib, "pods");
  const logs = host.paths.logs;
  return [
    ...namesIn(layers).flatMap((uid) => (known.has(uid) ? [] : [join(layers, uid)])),
    ...namesIn(logs).flatMap((name) => {
      const uid = name.split("_")[2];
      // A kubelet on this machine keeps its logs in the same folder: ours are those whose layers are ours.
      return uid !== undefined && !known.has(uid) && existsSync(join(layers, uid)) ? [join(logs, name)] : [];
    }),
  ];
}
