import { NOT_YET } from "./not-yet.ts";
import { PRIORITIES } from "./priority.ts";
import { SERVER_METADATA } from "./prune.ts";

/** What tspod does with a field of the API. */
export interface FieldState {
  kind: "honoured" | "dropped" | "not yet" | "ignored" | "refused";
  /** What is printed about it, if anything is: nothing where every pod would have to be told. */
  severity?: "warning" | "error";
  /** Why, or what happens meanwhile. */
  reason?: string;
  /** What to do in its place. */
  instead?: string;
  /** Whether that goes for every value; usual ones change nothing, and nothing is said of them. */
  always?: boolean;
}

/** Written by the server: accepted, so that what kubectl prints can be run, and of no effect. */
const DROPPED = new Set(SERVER_METADATA.map((name) => `ObjectMeta.${name}`));

/** By the API's type and the field's name: `fieldState("PodSpec", "affinity")`. */
export function fieldState(type: string, name: string): FieldState {
  const key = `${type}.${name}`;
  if (DROPPED.has(key) || name === "status") return { kind: "dropped" };
  const notYet = NOT_YET[key];
  if (notYet !== undefined) {
    const { severity, meanwhile: reason, asks } = notYet;
    return { kind: "not yet", severity, reason, always: asks === undefined };
  }
  const { priority, reason, instead, quiet } = PRIORITIES[key] ?? {};
  const always = quiet === undefined;
  const why = { ...(reason === undefined ? {} : { reason }), ...(instead === undefined ? {} : { instead }) };
  if (priority === "later" && reason !== undefined) return { kind: "not yet", reason, always: true };
  if (priority === "warn") return { kind: "ignored", severity: "warning", ...why, always };
  if (priority === "reject") return { kind: "refused", severity: "error", ...why, always };
  return { kind: "honoured" };
}
