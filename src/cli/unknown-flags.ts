const LEAVE_OUT = "leave it out";

/** Flags that kubectl has and tspod does not, with what to do instead. Those that some commands have are told of the others. */
const INSTEAD: Readonly<Record<string, string>> = {
  "--dry-run": "tspod diff -f FILE shows what would change, tspod validate FILE what is wrong",
  "-k": "tspod takes what it prints: kustomize build DIR | sudo tspod apply -f -",
  "--kustomize": "tspod takes what it prints: kustomize build DIR | sudo tspod apply -f -",
  "-R": "name the folders one by one: -f DIR -f DIR/BELOW",
  "--recursive": "name the folders one by one: -f DIR -f DIR/BELOW",
  "--wait": `${LEAVE_OUT}: a command returns when it is done, and tspod wait waits for what follows`,
  "--prune": "tspod down FILE or tspod delete KIND NAME removes what is no more wanted",
  "--server-side": `${LEAVE_OUT}: there is no server`,
  "--force-conflicts": `${LEAVE_OUT}: nobody else manages fields here`,
  "--field-manager": `${LEAVE_OUT}: nobody else manages fields here`,
  "--validate": `${LEAVE_OUT}: manifests are read strictly, always`,
  "--client": `${LEAVE_OUT}: there is no server`,
  "--kubeconfig": `${LEAVE_OUT}: there is no cluster to ask; --root DIR chooses an instance`,
  "--context": `${LEAVE_OUT}: there is no cluster to ask; --root DIR chooses an instance`,
  "--chunk-size": LEAVE_OUT,
  "--show-kind": "tspod get KIND,KIND or all shows the kinds; -o name prints KIND/NAME",
};

/** Commander's text of an unknown flag, with the way out where kubectl has the flag. */
export function withWayOut(text: string): string {
  const [, flag = ""] = /^error: unknown option '([^'=]+)/.exec(text) ?? [];
  const instead = Object.hasOwn(INSTEAD, flag) ? INSTEAD[flag] : undefined;
  return instead === undefined ? text : `${text.trimEnd()}\n  help: ${instead}\n`;
}
