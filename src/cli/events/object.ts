import { createHash } from "node:crypto";
import { apiTime } from "../../pod/status/time.ts";
import type { ListedEvent } from "./gather.ts";

/** An Event of the core API. */
export interface EventObject {
  apiVersion: "v1";
  kind: "Event";
  metadata: { name: string; namespace: string; uid: string; creationTimestamp: string };
  involvedObject: {
    apiVersion: string;
    kind: string;
    name: string;
    namespace: string;
    uid: string;
    fieldPath?: string;
  };
  type: string;
  reason: string;
  message: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  /** When the first was, to the microsecond. */
  eventTime: string;
  series?: { count: number; lastObservedTime: string };
  source: { component: string; host: string };
  reportingComponent: string;
  reportingInstance: string;
}

const COMPONENT = "tspod";

/** As a cluster keeps it; what says the same of the same object has one name as long as it is there. */
export function eventObject(event: ListedEvent, nodeName: string): EventObject {
  const { involved, object, type, reason, message, time, count = 1, firstTime = time } = event;
  const id = createHash("sha256")
    .update(JSON.stringify([involved.uid, object, type, reason, message, firstTime]))
    .digest("hex");
  const { namespace, name } = involved;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      name: `${name}.${id.slice(0, 16)}`,
      namespace,
      uid: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5"),
      creationTimestamp: apiTime(firstTime),
    },
    involvedObject: { ...involved, ...(object ? { fieldPath: object } : {}) },
    type,
    reason,
    message,
    count,
    firstTimestamp: apiTime(firstTime),
    lastTimestamp: apiTime(time),
    eventTime: micro(firstTime),
    ...(count > 1 ? { series: { count, lastObservedTime: micro(time) } } : {}),
    source: { component: COMPONENT, host: nodeName },
    reportingComponent: COMPONENT,
    reportingInstance: nodeName,
  };
}

/** metav1.MicroTime */
const micro = (time: string): string => new Date(time).toISOString().replace(/(\.\d{3})Z$/, "$1000Z");
