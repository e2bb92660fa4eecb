import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import type { Fault } from "../fault.ts";
import { lookalike } from "./lookalike.ts";
import { keyText, resolvePlain } from "./scalar.ts";
import type { SourceText, Span } from "./source-text.ts";
import { isHelmText } from "./template.ts";
import type { Entry, MapNode, ScalarNode, TreeNode } from "./tree.ts";

const STANDARD = "tag:yaml.org,2002:";

/** Turns a parsed document into a tree: anchors and merge keys resolved, scalars read, duplicate keys reported. */
export function buildTree(
  document: Document.Parsed,
  origin: Origin,
  report: (fault: Fault) => void,
): TreeNode {
  const builder = new Builder(origin, report, anchorsOf(document));
  return builder.node(document.contents, "", origin.place(0));
}

/** Where a document that was parsed comes from. */
export interface Origin {
  source: SourceText;
  /** The offset in the source of an offset in the document. */
  place(offset: number): number;
  /** Where values stand that were guessed. */
  doubtful: readonly Span[];
}

function anchorsOf(document: Document.Parsed): Node[] {
  const found: Node[] = [];
  const walk = (node: unknown): void => {
    if (isAlias(node)) found.push(node);
    else if (isMap(node) || isSeq(node) || isScalar(node)) {
      if (node.anchor !== undefined) found.push(node);
      if (isMap(node)) for (const pair of node.items) [pair.key, pair.value].forEach(walk);
      if (isSeq(node)) node.items.forEach(walk);
    }
  };
  walk(document.contents);
  return found;
}

const isTemplate = (node: YAMLMap): boolean =>
  node.items.length === 1 && isMap(node.items[0]?.key) && node.items[0].value === null;

class Builder {
  private readonly origin: Origin;
  private readonly report: (fault: Fault) => void;
  private readonly anchors: Node[];
  private readonly built = new Map<unknown, TreeNode>();
  private readonly open = new Set<unknown>();

  constructor(origin: Origin, report: (fault: Fault) => void, anchors: Node[]) {
    this.origin = origin;
    this.report = report;
    this.anchors = anchors;
  }

  node(node: unknown, path: string, at: number): TreeNode {
    if (isAlias(node)) return this.alias(node, path);
    const known = this.built.get(node);
    if (known !== undefined) return known;
    this.open.add(node);
    const tree = this.fresh(node, path, at);
    this.open.delete(node);
    this.built.set(node, tree);
    return tree;
  }

  private fresh(node: unknown, path: string, at: number): TreeNode {
    if (isMap(node)) return isTemplate(node) ? this.template(node, path) : this.map(node, path);
    if (isSeq(node)) {
      const span = this.span(node);
      const items = node.items.map((item, i) => this.node(item, `${path}[${i}]`, span.start));
      return { kind: "list", items, ...span, ...(node.flow ? { flow: true } : {}) };
    }
    if (isScalar(node)) return this.scalar(node, path);
    return {
      kind: "scalar",
      value: null,
      text: "",
      quoted: false,
      start: at,
      end: at,
    };
  }

  private span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return { start: this.origin.place(start), end: this.origin.place(end) };
  }

  private fault(code: string, path: string, span: Span, message: string, help: string): void {
    this.report({ severity: "error", code, path, span, message, help });
  }

  private alias(node: Node & { source: string }, path: string): TreeNode {
    const span = this.span(node);
    const nothing: ScalarNode = {
      kind: "scalar",
      value: null,
      text: "",
      quoted: false,
      doubtful: true,
      ...span,
    };
    // The nearest anchor of that name before the alias: a name may be defined more than once.
    const before = this.anchors.slice(0, this.anchors.indexOf(node));
    const target = before.findLast((other) => !isAlias(other) && (other as Scalar).anchor === node.source);
    if (target === undefined) {
      const message = `the alias *${node.source} refers to no anchor: there is no &${node.source} before it`;
      this.fault(
        "TS1107",
        path,
        span,
        message,
        `if the text starts with a star, quote it: "*${node.source}"`,
      );
      return nothing;
    }
    if (this.open.has(target)) {
      const message = `the anchor &${node.source} contains itself through *${node.source}`;
      this.fault("TS1107", path, span, message, "write the inner part out");
      return nothing;
    }
    return this.node(target, path, span.start);
  }

  /** `{{ .Values.image }}` is a map in a map to YAML, and a text that was not filled in to everybody else. */
  private template(node: YAMLMap, path: string): ScalarNode {
    const span = this.span(node);
    const text = this.origin.source.text.slice(span.start, span.end).trim();
    const message = `this is a template, not yet a manifest: ${text} was not filled in`;
    this.fault("TS1108", path, span, message, "render it first, for example: helm template . | tspod run -");
    return { kind: "scalar", value: text, text, quoted: true, doubtful: true, ...span };
  }

  private map(node: YAMLMap, path: string): MapNode {
    const map: MapNode = {
      kind: "map",
      entries: [],
      ...this.span(node),
      ...(node.flow ? { flow: true } : {}),
    };
    const own = new Map<string, Entry>();
    const merged: TreeNode[] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key)) {
        const span = key === null ? this.span(node) : this.span(key as Node);
        this.fault("TS1108", path, span, "a key must be a word, not a list or a map", "quote the key");
        continue;
      }
      const keySpan = this.span(key);
      const { end } = keySpan;
      if (key.type === "PLAIN" && key.value === "<<") {
        merged.push(this.node(value, path, end));
        continue;
      }
      const name = this.keyName(key, path, keySpan);
      if (name === undefined) continue;
      const step = path === "" ? name : `${path}.${name}`;
      const entry: Entry = { key: name, keySpan, value: this.node(value, step, end) };
      const first = own.get(name);
      if (first === undefined) {
        own.set(name, entry);
        map.entries.push(entry);
      } else this.duplicate(path, name, { span: keySpan, first, around: node });
    }
    for (const source of merged) this.merge(map, source, path);
    return map;
  }

  private duplicate(
    path: string,
    key: string,
    { span, first, around }: { span: Span; first: Entry; around: YAMLMap },
  ): void {
    const where = path === "" ? "" : `${path}: `;
    const before = `line ${this.origin.source.at(first.keySpan.start).line} sets it already`;
    // Objects begin with it: most likely a second one begins here.
    const second =
      path === "" && around.items.filter(({ key }) => isScalar(key) && key.value === "apiVersion").length > 1;
    this.report({
      severity: "error",
      code: "TS1106",
      path: path === "" ? key : `${path}.${key}`,
      span,
      message: `${where}duplicate field "${key}"`,
      help: second ? `${before}: put --- before a second object` : `${before}: keep one of the two`,
    });
  }

  private merge(map: MapNode, source: TreeNode, path: string): void {
    if (source.kind === "list") for (const item of source.items) this.merge(map, item, path);
    else if (source.kind === "map") {
      for (const entry of source.entries)
        if (!map.entries.some(({ key }) => key === entry.key)) map.entries.push(entry);
    } else if (!source.doubtful)
      this.fault("TS1107", path, source, "<<: must refer to a map", "for example <<: *defaults");
  }

  private keyName(key: Scalar, path: string, span: Span): string | undefined {
    const text = String(key.value ?? "");
    if (key.type !== "PLAIN") return text;
    const alike = lookalike(text);
    if (alike !== undefined) {
      this.fault("TS1108", path, span, `the key ${text}: ${alike.message}`, alike.help);
      return alike.meant;
    }
    const value = resolvePlain(text);
    if (value === null) {
      this.fault("TS1108", path, span, "a key is missing before the colon", "write a name before the colon");
      return undefined;
    }
    const name = keyText(value);
    if (typeof value === "boolean" && text !== name)
      this.report({
        severity: "warning",
        code: "TS1110",
        path: path === "" ? name : `${path}.${name}`,
        span,
        message: `the key ${text} is read as the boolean ${name}, as kubectl reads it (YAML 1.1)`,
        help: `quote it to keep the word: "${text}"`,
      });
    return name;
  }

  private scalar(node: Scalar, path: string): ScalarNode {
    const span = this.span(node);
    const text = String(node.value ?? "");
    const quoted = node.type !== "PLAIN";
    const tag = node.tag;
    const { doubtful } = this.origin;
    if (doubtful.some(({ start, end }) => span.start <= end && span.end >= start))
      return { kind: "scalar", value: text, text, quoted, doubtful: true, ...span };
    this.suspect(node, path, { text, quoted, span });
    if (tag === undefined)
      return { kind: "scalar", value: quoted ? text : resolvePlain(text), text, quoted, ...span };
    if (tag === `${STANDARD}str` || tag === "!")
      return { kind: "scalar", value: text, text, quoted: true, ...span };
    if (/^tag:yaml.org,2002:(int|float|bool|null|timestamp)$/.test(tag))
      return { kind: "scalar", value: resolvePlain(text), text, quoted: false, ...span };
    const shown = tag.replace(STANDARD, "!!");
    this.fault("TS1108", path, span, `the YAML tag ${shown} has no meaning in a manifest`, "remove the tag");
    return { kind: "scalar", value: text, text, quoted: true, ...span };
  }

  /** Says of a text that is most likely not what was meant; it is kept as it stands, as the API server keeps it. */
  private suspect(
    node: Scalar,
    path: string,
    { text, quoted, span }: { text: string; quoted: boolean; span: Span },
  ): void {
    const warn = (at: Span, message: string, help: string) =>
      this.report({ severity: "warning", code: "TS1111", path, span: at, message, help });
    const alike = quoted ? undefined : lookalike(text);
    if (alike !== undefined) warn(span, alike.message, alike.help);
    else if (!quoted && text === "" && node.anchor !== undefined)
      warn(
        { start: span.start - node.anchor.length - 1, end: span.start },
        `&${node.anchor} names an anchor, and no value follows it`,
        `if it is the value, quote it: "&${node.anchor}"`,
      );
    else if (node.type !== "BLOCK_LITERAL" && node.type !== "BLOCK_FOLDED" && isHelmText(text))
      warn(
        span,
        "this looks like a Helm template's text, which was not filled in",
        "if it is one, render it first, for example: helm template . | tspod run -",
      );
  }
}
