import { isDigest } from "./digest.ts";
import { imageError } from "./errors.ts";
import { parseSource } from "./sources/parse-source.ts";

/** A reference with every default filled in, as Docker reads it. */
export interface Reference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  registry: string;
  /** `library/nginx`. */
  repository: string;
  /** Absent when there is a digest and no tag was written. */
  tag?: string;
  digest?: string;
}

/** How short names find their registry; `docs/images.md` documents the file that changes it. */
export interface ShortNames {
  /** The registry of a name that names none. */
  defaultRegistry: string;
  /** Whole names without tag that stand for another: `{ "nginx": "registry.example/mirror/nginx" }`. */
  aliases: Record<string, string>;
}

export const DOCKER_NAMES: ShortNames = { defaultRegistry: "docker.io", aliases: {} };

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const MAX_NAME = 255;

/**
 * Reads an image reference by the rules of Docker's reference grammar: the first component is a registry if it has a
 * dot, a colon or is `localhost`; one-component names of docker.io get `library/`; no tag and no digest means `latest`.
 * Throws TS6001 with the kubelet's words.
 */
export function parseReference(text: string, names: ShortNames = DOCKER_NAMES): Reference {
  const { name, tag, digest } = splitReference(text);
  const alias = names.aliases[name];
  const { registry, repository } = splitName(alias ?? name, names.defaultRegistry);
  if (!HOST.test(registry)) throw invalid(text, `"${registry}" is not a registry's host name`);
  const components = repository.split("/");
  if (/[A-Z]/.test(repository))
    throw invalid(text, "the repository name must be lowercase", text.toLowerCase());
  const wrong = components.find((component) => !COMPONENT.test(component));
  if (wrong !== undefined)
    throw invalid(text, wrong === "" ? "a part of the name is empty" : `"${wrong}" is not a repository name`);
  if (registry.length + 1 + repository.length > MAX_NAME)
    throw invalid(text, `the name is longer than ${MAX_NAME} characters`);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, `"${tag}" is not a tag`);
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, `"${digest}" is not a digest`);
  return {
    registry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: "latest" } : {}),
    ...(digest !== undefined ? { digest } : {}),
  };
}

/** The whole reference, the form that the store keeps: `docker.io/library/nginx:latest`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** The short form people read: `nginx:latest`, `bitnami/redis:7`, `ghcr.io/o/r:1`. */
export function familiarReference(reference: Reference): string {
  const whole = formatReference(reference);
  return whole.replace(/^docker\.io\/library\/(?=[^/]+$)/, "").replace(/^docker\.io\//, "");
}

/**
 * Kubernetes' default of imagePullPolicy: Always for the tag latest (or none), IfNotPresent for all else, digests
 * included. Layouts and archives of this machine are looked at each time: that costs no network.
 */
export function defaultPullPolicy(text: string): "Always" | "IfNotPresent" {
  if (parseSource(text) !== undefined) return "Always";
  const reference = parseReference(text);
  return reference.tag === "latest" && reference.digest === undefined ? "Always" : "IfNotPresent";
}

function splitReference(text: string): { name: string; tag?: string; digest?: string } {
  if (text === "") throw invalid(text, "it is empty");
  if (/^[0-9a-f]{64}$/.test(text))
    throw invalid(text, "64 hexadecimal digits are an image's id, not its name");
  const at = text.indexOf("@");
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const rest = at === -1 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const hasTag = colon > rest.lastIndexOf("/");
  const tag = hasTag ? rest.slice(colon + 1) : undefined;
  return {
    name: hasTag ? rest.slice(0, colon) : rest,
    ...(tag !== undefined ? { tag } : {}),
    ...(digest !== undefined ? { digest } : {}),
  };
}

function splitName(name: string, defaultRegistry: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isHost =
    first !== "" && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const registry = isHost ? first : defaultRegistry;
  const repository = isHost ? name.slice(slash + 1) : name;
  const canonical = registry === "index.docker.io" ? "docker.io" : registry;
  const official = canonical === "docker.io" && repository !== "" && !repository.includes("/");
  return { registry: canonical, repository: official ? `library/${repository}` : repository };
}

function invalid(text: string, reason: string, instead?: string): Error {
  return imageError(
    "invalidReference",
    `couldn't parse image name ${JSON.stringify(text)}: invalid reference format: ${reason}`,
    {
      hint:
        instead === undefined
          ? "write it as [REGISTRY[:PORT]/]NAME[:TAG][@sha256:DIGEST]"
          : `did you mean ${instead}?`,
    },
  );
}
