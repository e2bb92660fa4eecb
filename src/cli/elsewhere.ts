import { ExitCode, TspodError } from "../errors/tspod-error.ts";

const RUN = "tspod run -d FILE";
const ADDRESS = "pods have addresses (tspod ps -o wide), and hostPort publishes a port on this machine";
const NO_CLUSTER = "there is no cluster to ask: tspod doctor tells of this machine";

/** Commands of kubectl, podman and docker that go by another name here, with what to type. */
const OTHERWISE: Readonly<Record<string, string>> = {
  play: RUN,
  kube: RUN,
  up: RUN,
  compose: `${RUN}; services are containers of one Pod`,
  build: "tspod builds no images: tspod image load takes what other tools built",
  pull: "tspod image pull IMAGE",
  load: "tspod image load FILE",
  save: "tspod image save IMAGE --to TARGET",
  rmi: "tspod image rm IMAGE",
  pod: "tspod ps",
  ls: "tspod ps",
  replace: "tspod run -d --replace FILE, or tspod apply -f FILE for other objects",
  patch: "tspod edit, tspod set, tspod label, or tspod apply -f FILE",
  "port-forward": ADDRESS,
  expose: ADDRESS,
  proxy: ADDRESS,
  port: "tspod ps -o wide",
  autoscale: "tspod scale KIND/NAME --replicas=N",
  "api-resources": "tspod explain KIND",
  "cluster-info": NO_CLUSTER,
  config: NO_CLUSTER,
  cordon: NO_CLUSTER,
  drain: NO_CLUSTER,
  uncordon: NO_CLUSTER,
  taint: NO_CLUSTER,
  auth: NO_CLUSTER,
  certificate: NO_CLUSTER,
  plugin: NO_CLUSTER,
  kubectl: "leave the word out: its commands are tspod's",
  kustomize: "tspod takes what it prints: kustomize build DIR | sudo tspod apply -f -",
  login: "tspod image pull takes the logins that docker and podman have stored",
  commit: "tspod makes no images: tspod image import takes a root filesystem",
  pause: "pods cannot be frozen: tspod stop ends one, tspod start runs it again",
  rename: "tspod generate prints the manifest: change its name, tspod run -d FILE",
  info: "tspod doctor",
  system: "tspod doctor, tspod gc, tspod image df",
  stats: "tspod top",
};

/** @throws TspodError TS1006 for a command that other tools have and tspod has otherwise */
export function refuseElsewhere(word: string): void {
  const hint = Object.hasOwn(OTHERWISE, word) ? OTHERWISE[word] : undefined;
  if (hint !== undefined) throw elsewhere(`tspod has no command ${word}`, hint);
}

/** `run nginx --image=nginx`, as kubectl has it. @throws TspodError TS1006 */
export function refuseRunOfImage(words: readonly string[]): void {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  if (!words.slice(0, end).some((word) => /^--image(=|$)/.test(word))) return;
  throw elsewhere(
    "tspod run starts manifests, and has no --image",
    "tspod create deployment NAME --image=IMAGE (-- COMMAND) keeps a pod of it running; create job … runs it once; with --dry-run -o yaml they print a manifest",
  );
}

function elsewhere(message: string, hint: string): TspodError {
  return new TspodError({ code: "TS1006", message, hint, exitCode: ExitCode.invalid });
}
