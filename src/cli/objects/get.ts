import type { StoredObject } from "../../pod/index.ts";
import type { Context } from "../context.ts";
import { DEFAULT_NAMESPACE, namespaceOf, openPods } from "../pods.ts";
import { age } from "../render/age.ts";
import { structured } from "../render/structured.ts";
import { table } from "../render/table.ts";
import type { NamedObjects } from "./kinds.ts";

export interface GetObjectsFlags {
  allNamespaces?: boolean;
  headers: boolean;
  output?: "wide" | "json" | "yaml" | "name";
}

/** `get configmap|secret|pvc [NAME…]`. */
export async function getObjects(
  context: Context,
  { kind, names }: NamedObjects,
  flags: GetObjectsFlags,
): Promise<number> {
  const { host, core } = await openPods(context);
  const namespace = namespaceOf(context);
  const objects: StoredObject[] =
    names.length > 0
      ? names.map((name) => core.getObject(host, kind, { namespace, name }))
      : core.allObjects(host, kind, flags.allNamespaces ? undefined : namespace);
  if (flags.output === "json" || flags.output === "yaml") {
    const shown = objects.map(sorted);
    const list = { apiVersion: "v1", items: shown, kind: "List", metadata: { resourceVersion: "" } };
    context.out(await structured(names.length === 1 ? shown[0] : list, flags.output));
  } else if (flags.output === "name")
    context.out(objects.map(({ metadata }) => `${kind.toLowerCase()}/${metadata.name}\n`).join(""));
  else if (objects.length === 0) {
    const where = flags.allNamespaces ? "" : ` in ${namespace} namespace`;
    context.err(`No resources found${where}.\n`);
  } else {
    const rows = objects.map((one) => [
      ...(flags.allNamespaces ? [one.metadata.namespace ?? DEFAULT_NAMESPACE] : []),
      ...cells(one, context.now()),
    ]);
    const headings = [...(flags.allNamespaces ? ["NAMESPACE"] : []), ...HEADINGS[kind]];
    context.out(table(flags.headers ? [headings, ...rows] : rows));
  }
  return 0;
}

const HEADINGS: Record<StoredObject["kind"], string[]> = {
  ConfigMap: ["NAME", "DATA", "AGE"],
  Secret: ["NAME", "TYPE", "DATA", "AGE"],
  PersistentVolumeClaim: ["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "AGE"],
};

function cells(object: StoredObject, now: Date): string[] {
  const { name, namespace, creationTimestamp } = object.metadata;
  const since = age(creationTimestamp, now);
  const count = (...maps: (object | undefined)[]) =>
    String(maps.reduce((sum, map) => sum + Object.keys(map ?? {}).length, 0));
  switch (object.kind) {
    case "ConfigMap":
      return [name, count(object.data, object.binaryData), since];
    case "Secret":
      return [name, object.type ?? "Opaque", count(object.data), since];
    case "PersistentVolumeClaim": {
      const { accessModes = [], resources, storageClassName = "" } = object.spec ?? {};
      const modes = accessModes.map((mode) => MODES[mode] ?? mode).join(",");
      // A claim is a folder, bound from the start.
      return [
        name,
        "Bound",
        `${namespace}/${name}`,
        resources?.requests?.storage ?? "",
        modes,
        storageClassName,
        since,
      ];
    }
  }
}

const MODES: Record<string, string> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** kubectl prints fields by name. */

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
