import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { asText, valuesAt } from "../jsonpath/evaluate.ts";
import { type Path, parsePath } from "../jsonpath/parse.ts";

/** What `wait --for` waits for. */
export type Goal =
  | { goal: "create" }
  | { goal: "delete" }
  | { goal: "condition"; type: string; status: string }
  | { goal: "jsonpath"; path: Path; value?: string };

/** `create`, `delete`, `condition=NAME[=STATUS]` or `jsonpath='{PATH}'[=VALUE]`. @throws TspodError TS3471 */
export function parseGoal(text: string): Goal {
  const [word = "", ...rest] = text.split("=");
  const value = rest.join("=");
  switch (word.toLowerCase()) {
    case "create":
    case "delete":
      if (value === "") return { goal: word.toLowerCase() as "create" | "delete" };
      break;
    case "condition": {
      const [type = "", status = "true", ...more] = rest;
      if (type !== "" && more.length === 0) return { goal: "condition", type, status };
      break;
    }
    case "jsonpath":
      return jsonpathGoal(value);
  }
  throw unknown(text);
}

function jsonpathGoal(text: string): Goal {
  // The sign that parts path and value stands behind the braces, where there are any: a filter has signs of its own.
  const end = text.startsWith("{") ? text.lastIndexOf("}") : text.indexOf("=") - 1;
  const path = end < 0 ? text : text.slice(0, end + 1);
  const rest = end < 0 ? "" : text.slice(end + 1);
  if (path === "" || (rest !== "" && !rest.startsWith("="))) throw unknown(`jsonpath=${text}`);
  const value = rest.slice(1).replace(/^(["'])(.*)\1$/s, "$2");
  if (rest === "=") throw usage("jsonpath wait value cannot be empty");
  return { goal: "jsonpath", path: parsePath(path), ...(rest === "" ? {} : { value }) };
}

interface Waited {
  status?: unknown;
}

/** Whether an object is as wanted; undefined: it is not there. */
export function isReached(goal: Goal, object: Waited | undefined): boolean {
  if (goal.goal === "delete") return object === undefined;
  if (object === undefined) return false;
  switch (goal.goal) {
    case "create":
      return true;
    case "condition": {
      const { conditions = [] } = (object.status ?? {}) as {
        conditions?: { type: string; status: string }[];
      };
      const found = conditions.find(({ type }) => type.toLowerCase() === goal.type.toLowerCase());
      return found?.status.toLowerCase() === goal.status.toLowerCase();
    }
    case "jsonpath": {
      const values = valuesAt(goal.path, object);
      if (goal.value === undefined) return values.length > 0;
      if (values.length > 1) throw usage("given jsonpath expression matches more than one list");
      return values.length === 1 && asText(values[0]) === goal.value;
    }
  }
}

function unknown(text: string): TspodError {
  return usage(`unrecognized condition: ${JSON.stringify(text)}`);
}

function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3471",
    message,
    hint: "--for takes condition=Ready, jsonpath='{.status.phase}'=Running, create or delete",
    exitCode: ExitCode.invalid,
  });
}
