import type { Fault } from "../fault.ts";
import { NOT_YET } from "../not-yet.ts";
import { PRIORITIES } from "../priority.ts";
import { plainValue } from "../yaml/tree.ts";
import type { SeenField } from "./context.ts";

/** Collects what the priorities say of the fields of one object: one line a field, however often it occurs. */
export class PolicyNotes {
  private readonly notes = new Map<string, { fault: Fault; more: number }>();

  see(seen: SeenField): void {
    const key = `${seen.owner}.${seen.name}`;
    const known = this.notes.get(key);
    const fault = judge(key, seen);
    if (fault === undefined) return;
    if (known === undefined) this.notes.set(key, { fault, more: 0 });
    else known.more++;
  }

  faults(): Fault[] {
    // The API server keeps both names of it; one line is enough.
    if (this.notes.has("PodSpec.serviceAccountName")) this.notes.delete("PodSpec.serviceAccount");
    return [...this.notes.values()].map(({ fault, more }) =>
      more === 0 ? fault : { ...fault, message: `${fault.message} (and ${more} more of these)` },
    );
  }
}

function judge(key: string, { path, node, keySpan }: SeenField): Fault | undefined {
  const priority = PRIORITIES[key];
  const notYet = NOT_YET[key];
  if (priority === undefined && notYet === undefined) return undefined;
  const value = plainValue(node);
  const fault = (severity: Fault["severity"], code: string, message: string, help?: string): Fault => ({
    severity,
    code,
    path,
    span: keySpan,
    message: `${path}: ${message}`,
    ...(help === undefined ? {} : { help }),
  });
  if (notYet !== undefined && (notYet.asks === undefined || notYet.asks(value, path)))
    return fault(notYet.severity, "TS2007", `not supported yet: ${notYet.meanwhile}`);
  if (priority === undefined || priority.quiet?.(value)) return undefined;
  if (priority.priority === "warn")
    return fault("warning", "TS2008", `ignored on a single node: ${priority.reason}`);
  if (priority.priority === "reject")
    return fault("error", "TS2006", `cannot be used with tspod: ${priority.reason}`, priority.instead);
  return undefined;
}
