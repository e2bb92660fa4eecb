import { decodeObject } from "./decode/decode.ts";
import { PolicyNotes } from "./decode/policy.ts";
import { applyDefaults } from "./defaults.ts";
import { type Fault, severityOf } from "./fault.ts";
import type { ConfigMap, PersistentVolumeClaim, Pod, PodSpec, Secret } from "./gen/types.ts";
import type { Identified } from "./identify.ts";
import { KINDS } from "./kinds.ts";
import type { ManifestObject, ObjectSource } from "./object.ts";
import type { ParseOptions } from "./parse.ts";
import { pruneServerFields } from "./prune.ts";
import { checkPodAnnotations } from "./rules/annotations.ts";
import { Check } from "./rules/check.ts";
import { checkClaim, checkConfigMap, checkSecret } from "./rules/config.ts";
import { checkMeta } from "./rules/meta.ts";
import { checkPodSpec } from "./rules/pod.ts";
import { checkService } from "./rules/service.ts";
import { checkWorkload } from "./rules/workloads.ts";
import type { ServiceObject, WorkloadObject } from "./workload-object.ts";
import type { SourceText } from "./yaml/source-text.ts";
import { caretSpan, locate, type MapNode } from "./yaml/tree.ts";

export interface ReadContext {
  source: SourceText;
  options: ParseOptions;
  report(fault: Fault): void;
  /** Objects met so far, by kind, namespace and name, with where they stand. */
  seen: Map<string, string>;
}

/** Reads, defaults (for the rules only) and checks one object. Gives it if nothing is wrong with it. */
export function readObject({ kind, node }: Identified, context: ReadContext): ManifestObject | undefined {
  const { source, options } = context;
  let good = true;
  const name = objectName(kind, node);
  const report = (fault: Fault) => {
    if (severityOf(fault, options) === "error") good = false;
    context.report(fault.object === undefined ? { ...fault, object: name } : fault);
  };
  const tree = pruneServerFields(node, report);
  const broken = new Set<string>();
  const notes = new PolicyNotes();
  const object = decodeObject({ report, broken, onField: (seen) => notes.see(seen) }, tree, { type: kind });
  for (const fault of notes.faults()) report(fault);

  const check = new Check(tree, broken, report);
  object.apiVersion = KINDS[kind]?.versions[0];
  object.kind = kind;
  const metadata = metadataOf(object, check);
  if (metadata.name === undefined && metadata.generateName)
    metadata.name = metadata.generateName + (options.randomSuffix ?? randomSuffix)();
  metadata.namespace ||= "default";
  checkKind(kind, object, { check, options });
  checkTwice(name, metadata, { check, context, tree });
  if (!good) return undefined;
  shortenGrace(object);
  return { kind, object, source: positions(source, tree) } as unknown as ManifestObject;
}

interface Meta {
  name?: string;
  generateName?: string;
  namespace?: string;
}

function metadataOf(object: Record<string, unknown>, check: Check): Meta {
  if (object.metadata === undefined) {
    check.required("metadata", "an object has a name");
    object.metadata = {};
  } else checkMeta(check, object.metadata as Meta);
  return object.metadata as Meta;
}

function checkKind(
  kind: Identified["kind"],
  object: object,
  { check, options }: { check: Check; options: ParseOptions },
): void {
  switch (kind) {
    case "Pod": {
      const { metadata, spec } = object as Pod;
      checkPodAnnotations(check, metadata?.annotations);
      if (spec === undefined) {
        check.required("spec", "a pod has at least one container");
        return;
      }
      checkPodSpec(check, applyDefaults({ spec }).spec);
      if (spec.nodeName && isElsewhere(spec.nodeName, options.nodeName))
        check.refused(
          "spec.nodeName",
          `"${spec.nodeName}" is another machine; this one is "${options.nodeName}"`,
          {
            help: "remove nodeName: the pod runs where tspod runs",
          },
        );
      return;
    }
    case "ConfigMap":
      checkConfigMap(check, object as ConfigMap);
      return;
    case "Secret":
      mergeStringData(object as Secret);
      checkSecret(check, object as Secret);
      return;
    case "PersistentVolumeClaim":
      checkClaim(check, object as PersistentVolumeClaim);
      return;
    case "Service":
      checkService(check, object as ServiceObject);
      return;
    default:
      checkWorkload(check, object as WorkloadObject);
  }
}

/** A negative grace period is one second when the pod is ended: it is kept as that. */
function shortenGrace({ spec }: { spec?: Templated }): void {
  const pod = spec?.jobTemplate?.spec?.template?.spec ?? spec?.template?.spec ?? spec;
  if ((pod?.terminationGracePeriodSeconds ?? 0) < 0) (pod as PodSpec).terminationGracePeriodSeconds = 1;
}

interface Templated extends Pick<PodSpec, "terminationGracePeriodSeconds"> {
  template?: { spec?: PodSpec };
  jobTemplate?: { spec?: { template?: { spec?: PodSpec } } };
}

/** A kubelet writes its machine's name in lower case. */
const isElsewhere = (nodeName: string, here: string | undefined): boolean =>
  here !== undefined && nodeName.toLowerCase() !== here.toLowerCase();

/** As the API server does: stringData is for writing only and wins over data. */
function mergeStringData(secret: Secret): void {
  const entries = Object.entries(secret.stringData ?? {}).map(([key, text]) => [
    key,
    Buffer.from(text).toString("base64"),
  ]);
  if (entries.length > 0) secret.data = { ...secret.data, ...Object.fromEntries(entries) };
  delete secret.stringData;
}

function checkTwice(
  name: string,
  { namespace = "", name: own }: Meta,
  { check, context, tree }: { check: Check; context: ReadContext; tree: MapNode },
): void {
  if (own === undefined) return;
  const key = `${name} ${namespace} ${own}`;
  const first = context.seen.get(key);
  if (first !== undefined)
    check.duplicate("metadata.name", own, { help: `${first} has an object of this kind and name already` });
  const { line } = context.source.at(caretSpan(locate(tree, "metadata.name")).start);
  context.seen.set(key, first ?? `${context.source.name}:${line}`);
}

function objectName(kind: string, node: MapNode): string {
  const name = locate(node, "metadata.name");
  const text = name.exact && name.node.kind === "scalar" ? name.node.text : "";
  return `${kind.toLowerCase()}/${text}`;
}

function positions(source: SourceText, tree: MapNode): ObjectSource {
  return {
    file: source.name,
    position(path) {
      return { file: source.name, ...source.at(caretSpan(locate(tree, path)).start), field: path };
    },
  };
}

/** The characters of generated names: no vowels, nothing that looks like another. */
const SUFFIX = "bcdfghjklmnpqrstvwxz2456789";

const randomSuffix = () =>
  Array.from({ length: 5 }, () => SUFFIX[Math.floor(Math.random() * SUFFIX.length)] as string).join("");
