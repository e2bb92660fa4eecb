import { isWorkload } from "../../manifest/index.ts";
import type { StoredObject } from "../../pod/index.ts";
import type { Context } from "../context.ts";
import type { Pods } from "../pods.ts";
import { describeObject } from "../render/describe-object.ts";

/** `describe` for what is stored. */
export async function describeStored(
  context: Context,
  { host }: Pods,
  object: StoredObject,
): Promise<string> {
  if (!isWorkload(object)) return describeObject(object, context.now());
  const [{ memoryOf, podsNow, relatedTo, withStatusNow }, { describeWorkload }] = await Promise.all([
    import("../../workload/index.ts"),
    import("../render/describe-workload.ts"),
  ]);
  const pods = podsNow(host);
  return describeWorkload(withStatusNow(host, object, pods), {
    related: relatedTo(host, object, pods),
    events: memoryOf(host, object).events ?? [],
    now: context.now(),
  });
}
