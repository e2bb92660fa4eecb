import { ExitCode, TspodError } from "../errors/tspod-error.ts";

const EVERY = ["metadata.name", "metadata.namespace"];

/** What the API lets objects be selected by, besides name and namespace. */
const FIELDS: Record<string, readonly string[]> = {
  Pod: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  Job: ["status.successful"],
  Secret: ["type"],
  ReplicaSet: ["status.replicas"],
  Event: [
    ...["kind", "namespace", "name", "uid", "apiVersion", "fieldPath"].map((key) => `involvedObject.${key}`),
    ...["reason", "reportingComponent", "source", "type"],
  ],
};

/**
 * `status.phase=Running,metadata.name!=web` as a question to an object. @throws TspodError TS3416 for a field that objects
 * of the kind are not selected by
 */
export function fieldSelector(kind: string, text: string | undefined): (object: object) => boolean {
  const terms = (text ?? "").split(",").filter((term) => term !== "");
  const tests = terms.map((term) => {
    const [, field = "", operator, value = ""] = /^([^=!]+)(==|!=|=)(.*)$/.exec(term) ?? [];
    if (!operator) throw usage(`invalid field selector ${JSON.stringify(term)}`, "status.phase=Running");
    const known = [...EVERY, ...(FIELDS[kind] ?? [])];
    if (!known.includes(field))
      throw usage(`field label not supported: ${field}`, `a ${kind} is selected by ${known.join(", ")}`);
    return (object: object) => (textAt(object, field.split(".")) === value) === (operator !== "!=");
  });
  return (object) => tests.every((test) => test(object));
}

function textAt(object: unknown, [key, ...rest]: string[]): string {
  if (key === undefined) return object === undefined ? "" : String(object);
  return typeof object === "object" && object !== null
    ? textAt((object as Record<string, unknown>)[key], rest)
    : "";
}

function usage(message: string, hint: string): TspodError {
  return new TspodError({ code: "TS3416", message, hint, exitCode: ExitCode.invalid });
}
