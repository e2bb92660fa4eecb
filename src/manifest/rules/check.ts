import { nearest } from "../decode/nearest.ts";
import type { Fault } from "../fault.ts";
import { caretSpan, locate, type TreeNode } from "../yaml/tree.ts";

export interface FaultExtras {
  help?: string;
  note?: string;
  /** Where the caret goes, if not to `path`. */
  at?: string;
  /** The caret goes to the key: it is what is wrong. */
  key?: true;
}

/**
 * Reports broken rules in the words of the API server (field.Error of apimachinery): Invalid value, Required value
 * and so on. Silent about values that were refused before, so that one slip gives one message.
 */
export class Check {
  private readonly root: TreeNode;
  private readonly report: (fault: Fault) => void;
  private readonly broken: ReadonlySet<string>;
  private readonly prefix: string;

  constructor(
    root: TreeNode,
    broken: ReadonlySet<string>,
    report: (fault: Fault) => void,
    prefix: string = "",
  ) {
    this.root = root;
    this.broken = broken;
    this.report = report;
    this.prefix = prefix;
  }

  /** The same object, seen from a part of it: the rules of a Pod then serve its template (`spec.template.`). */
  within(prefix: string): Check {
    return new Check(this.root, this.broken, this.report, this.prefix + prefix);
  }

  /** Whether a value, or what it is part of, was refused. */
  isBroken(inner: string): boolean {
    if (this.broken.size === 0) return false;
    const path = this.prefix + inner;
    if (this.broken.has(path)) return true;
    for (let i = path.length - 1; i > 0; i--)
      if ((path[i] === "." || path[i] === "[") && this.broken.has(path.slice(0, i))) return true;
    return false;
  }

  /** Whether anything inside was refused: a list with a broken item may lack the name that is looked for. */
  hasBroken(path: string): boolean {
    return this.isBroken(path) || [...this.broken].some((other) => other.startsWith(this.prefix + path));
  }

  invalid(path: string, value: unknown, rule: string, extras: FaultExtras = {}): void {
    this.fault("TS3001", path, `Invalid value: ${show(value)}: ${rule}`, { ...extras, value });
  }

  /** Of a whole object, whose value would say nothing. */
  wrong(path: string, rule: string, extras: FaultExtras = {}): void {
    this.fault("TS3001", path, `Invalid value: ${rule}`, extras);
  }

  /** One problem for each broken rule of a format. */
  invalidAll(path: string, value: string | number, rules: string[], extras: FaultExtras = {}): void {
    for (const rule of rules) this.invalid(path, value, rule, extras);
  }

  required(path: string, rule = "", extras: FaultExtras = {}): void {
    this.fault("TS2003", path, rule === "" ? "Required value" : `Required value: ${rule}`, extras);
  }

  oneOf(
    path: string,
    value: string | undefined,
    supported: readonly string[],
    extras: FaultExtras = {},
  ): void {
    if (value === undefined || supported.includes(value)) return;
    const near = nearest(value, supported);
    const list = supported.map((word) => JSON.stringify(word)).join(", ");
    const note = near === undefined ? {} : { note: `did you mean ${near}?` };
    this.fault("TS3003", path, `Unsupported value: ${show(value)}: supported values: ${list}`, {
      ...note,
      ...extras,
      value,
    });
  }

  duplicate(path: string, value: unknown, extras: FaultExtras = {}): void {
    this.fault("TS3004", path, `Duplicate value: ${show(value)}`, { ...extras, value });
  }

  notFound(path: string, value: string, existing: readonly string[], what: string): void {
    const near = nearest(value, existing);
    const help =
      near !== undefined
        ? `did you mean "${near}"?`
        : existing.length === 0
          ? `there are none: add it under ${what}`
          : `${what} has ${existing.map((name) => `"${name}"`).join(", ")}`;
    this.fault("TS3005", path, `Not found: ${show(value)}`, { help, value });
  }

  forbidden(path: string, rule: string, extras: FaultExtras = {}): void {
    this.fault("TS3006", path, `Forbidden: ${rule}`, extras);
  }

  tooLong(path: string, bytes: number): void {
    this.fault("TS3007", path, `Too long: may not be more than ${bytes} bytes`, {});
  }

  tooMany(path: string, { have, most }: { have: number; most: number }): void {
    this.fault(
      "TS3008",
      path,
      `Too many: ${have}: must have at most ${most} item${most === 1 ? "" : "s"}`,
      {},
    );
  }

  /** A rule of tspod's own, for what Kubernetes accepts and this machine cannot give. */
  refused(path: string, message: string, extras: FaultExtras = {}): void {
    this.fault("TS2006", path, message, extras);
  }

  warning(code: string, path: string, message: string, extras: FaultExtras = {}): void {
    this.fault(code, path, message, extras, "warning");
  }

  private fault(
    code: string,
    inner: string,
    message: string,
    { help, note, at, key, value }: FaultExtras & { value?: unknown },
    severity: Fault["severity"] = "error",
  ): void {
    if (this.isBroken(inner)) return;
    const unfilled = typeof value === "string" && /\$\{?[A-Za-z_]\w*\}?/.test(value);
    const path = this.prefix + inner;
    const located = locate(this.root, this.prefix + (at ?? inner));
    const span = key && located.exact && located.keySpan ? located.keySpan : caretSpan(located);
    this.report({
      severity,
      code,
      path,
      span: { start: span.start, end: Math.max(span.end, span.start + 1) },
      message: `${path}: ${message}`,
      ...(value === undefined ? {} : { value }),
      ...(unfilled ? { help: UNFILLED } : help === undefined ? {} : { help }),
      ...(note === undefined || unfilled ? {} : { note }),
    });
  }
}

const UNFILLED =
  "manifests have no variables: fill it in first, for example: envsubst < pod.yaml | tspod run -";

const show = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value));
