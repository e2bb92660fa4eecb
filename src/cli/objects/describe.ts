import { isWorkload } from "../../manifest/index.ts";
import type { Context } from "../context.ts";
import { namespaceOf, type Pods } from "../pods.ts";
import { describeObject } from "../render/describe-object.ts";
import type { NamedObjects } from "./kinds.ts";

/** `describe KIND [NAME…]` for what is stored; without a name, all of the kind. */
export async function describeObjects(
  context: Context,
  { host, core }: Pods,
  { kind, names }: NamedObjects,
): Promise<string[]> {
  const namespace = namespaceOf(context);
  const objects =
    names.length > 0
      ? names.map((name) => core.getObject(host, kind, { namespace, name }))
      : core.allObjects(host, kind, namespace);
  if (!objects.some(isWorkload)) return objects.map((object) => describeObject(object, context.now()));
  const [{ memoryOf, withStatusNow }, { describeWorkload }] = await Promise.all([
    import("../../workload/index.ts"),
    import("../render/describe-workload.ts"),
  ]);
  return objects
    .filter(isWorkload)
    .map((object) =>
      describeWorkload(withStatusNow(host, object), memoryOf(host, object).events ?? [], context.now()),
    );
}
