import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What Docker's config.json and a Secret of type kubernetes.io/dockerconfigjson hold. */
export interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

export type Credential =
  | { kind: "password"; username: string; password: string }
  /** An OAuth2 refresh token. */
  | { kind: "identity"; token: string };

const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const HELPER_TIMEOUT_MS = 15_000;

/**
 * The configuration of whoever runs tspod: $DOCKER_CONFIG, ~/.docker, and podman's auth.json. Unreadable ones count
 * as empty.
 */
export function readDockerConfigs(env: NodeJS.ProcessEnv = process.env): DockerConfig[] {
  const docker = env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), ".docker");
  const files = [join(docker, "config.json")];
  if (env.REGISTRY_AUTH_FILE !== undefined) files.unshift(env.REGISTRY_AUTH_FILE);
  if (env.XDG_RUNTIME_DIR !== undefined) files.push(join(env.XDG_RUNTIME_DIR, "containers/auth.json"));
  return files.flatMap(readConfig);
}

function readConfig(file: string): DockerConfig[] {
  try {
    return [JSON.parse(readFileSync(file, "utf8")) as DockerConfig];
  } catch {
    return [];
  }
}

/**
 * The credentials for a repository, in the order in which to try them: those of the pod's secrets first, as the kubelet
 * does, then those of this machine. Secrets match by host (with `*` for one label) and path prefix, longest first.
 */
export async function credentialsFor(
  host: string,
  repository: string,
  secrets: DockerConfig[],
  own: DockerConfig[],
): Promise<Credential[]> {
  const found: Credential[] = [];
  for (const config of [...secrets, ...own]) {
    // Only this machine's own configuration may name programs to run.
    const helped = own.includes(config) ? await fromHelper(config, host) : undefined;
    if (helped !== undefined) found.push(helped);
    found.push(...fromAuths(config, host, repository));
  }
  return found;
}

function fromAuths(config: DockerConfig, host: string, repository: string): Credential[] {
  return Object.entries(config.auths ?? {})
    .map(([key, auth]) => ({ path: matchKey(key, host, repository), auth }))
    .filter((entry): entry is { path: string; auth: (typeof entry)["auth"] } => entry.path !== undefined)
    .sort((a, b) => b.path.length - a.path.length)
    .flatMap(({ auth }) => toCredential(auth) ?? []);
}

/** The path prefix by which the key matches; undefined if it does not. */
function matchKey(key: string, host: string, repository: string): string | undefined {
  const [keyHost = "", ...rest] = key.replace(/^https?:\/\//, "").split("/");
  const path = rest
    .join("/")
    .replace(/\/+$/, "")
    .replace(/^v[12]$/, "");
  const isHub = DOCKER_HUB.includes(host) && DOCKER_HUB.includes(keyHost);
  if (!isHub && !matchHost(keyHost, host)) return undefined;
  return path === "" || repository === path || repository.startsWith(`${path}/`) ? path : undefined;
}

function matchHost(pattern: string, host: string): boolean {
  const [name = "", port = ""] = host.split(":");
  const [wantedName = "", wantedPort = ""] = pattern.split(":");
  const labels = name.split(".");
  const wanted = wantedName.split(".");
  if (wantedPort !== port || labels.length !== wanted.length) return false;
  return wanted.every((part, i) =>
    new RegExp(`^${part.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`).test(labels[i]!),
  );
}

function toCredential(auth: NonNullable<DockerConfig["auths"]>[string]): Credential | undefined {
  if (auth.identitytoken) return { kind: "identity", token: auth.identitytoken };
  if (auth.username !== undefined && auth.password !== undefined)
    return { kind: "password", username: auth.username, password: auth.password };
  const [username, ...password] = Buffer.from(auth.auth ?? "", "base64")
    .toString("utf8")
    .replace(/\0+$/, "")
    .split(":");
  return username && password.length > 0
    ? { kind: "password", username, password: password.join(":") }
    : undefined;
}

async function fromHelper(config: DockerConfig, host: string): Promise<Credential | undefined> {
  const key = DOCKER_HUB.includes(host) ? DOCKER_HUB_KEY : host;
  const helper = config.credHelpers?.[host] ?? config.credHelpers?.[key] ?? config.credsStore;
  // The name becomes part of a program's: no path may come of it.
  if (helper === undefined || !/^[A-Za-z0-9._-]+$/.test(helper)) return undefined;
  const answer = await run(`docker-credential-${helper}`, key);
  if (answer === undefined) return undefined;
  const { Username, Secret } = JSON.parse(answer) as { Username?: string; Secret?: string };
  if (Secret === undefined || Secret === "") return undefined;
  return Username === "<token>"
    ? { kind: "identity", token: Secret }
    : { kind: "password", username: Username ?? "", password: Secret };
}

/** A helper that is not there or knows nothing ends with an error; then there are no credentials of its. */
function run(program: string, input: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(program, ["get"], { timeout: HELPER_TIMEOUT_MS }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
    child.stdin?.on("error", () => {}).end(input);
  });
}
