import { setTimeout as sleep } from "node:timers/promises";
import type { Fact } from "./leak/fact.ts";
import { cgroupFacts, fileFacts, mountFacts, shmFacts, sysctlFacts } from "./leak/files.ts";
import { listNetwork, networkFacts } from "./leak/network.ts";
import { processFacts } from "./leak/processes.ts";
import { type Scope, scopeOf } from "./leak/scope.ts";

/** What was on this machine at one moment, as far as pods of one tspod root could have to do with it. */
export interface Snapshot {
  scope: Scope;
  facts: Map<string, Fact>;
}

/**
 * Looks at everything a pod of the root at `root` could leave behind. Other programs, and tspods with other
 * roots, may come and go at the same time: what is theirs is left out.
 */
export function snapshot(root: string): Snapshot {
  const scope = scopeOf(root);
  const network = listNetwork();
  const facts = [
    ...processFacts(scope),
    ...mountFacts(scope),
    ...networkFacts(scope, network),
    ...cgroupFacts(scope),
    ...fileFacts(scope),
    ...sysctlFacts(network),
    ...shmFacts(),
  ];
  return { scope, facts: new Map(facts.map((fact) => [`${fact.kind} ${fact.id}`, fact])) };
}

/** Kinds whose loss is nobody's fault: processes end, and with them goes what was theirs. */
const mayGo = new Set<Fact["kind"]>(["process", "namespace", "shm"]);

/** The differences, as lines: `+` for what is new, `-` for what is gone; those of a kind stand together. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const sysctlsKnown = (snapshot: Snapshot, fact: Fact) =>
    fact.kind !== "sysctl" ||
    [...snapshot.facts.values()].some(({ id }) => id.split("=")[0] === fact.id.split("=")[0]);
  const added = [...after.facts].filter(
    ([key, fact]) => !before.facts.has(key) && sysctlsKnown(before, fact),
  );
  const gone = [...before.facts].filter(
    ([key, fact]) =>
      !after.facts.has(key) && !mayGo.has(fact.kind) && !fact.passing && sysctlsKnown(after, fact),
  );
  return [
    ...added.map(([, fact]) => `+ ${fact.kind} ${fact.text}`),
    ...gone.map(([, fact]) => `- ${fact.kind} ${fact.text}`),
  ].sort((a, b) => a.slice(2).localeCompare(b.slice(2)));
}

/** What is there for less than this, after a look of twice as long, passes by and is a neighbour's (ms). */
const PASSING_MS = 2500;

/**
 * Fails with the list of what is new or gone since `before`. Looks again until there is nothing, for at most
 * `graceMs`: a namespace, and the veth in it, ends some time after its last process.
 */
export async function expectNoLeaks(before: Snapshot, { graceMs = 60_000 } = {}): Promise<void> {
  const begun = Date.now();
  const deadline = begun + graceMs;
  const passing = Math.min(PASSING_MS, graceMs / 2);
  // When each difference was first seen, if it was there at every look since.
  let since = new Map<string, number>();
  for (;;) {
    const now = Date.now();
    const found = differences(before, snapshot(before.scope.root));
    if (found.length === 0) return;
    since = new Map(found.map((line) => [line, since.get(line) ?? now]));
    const lasting = [...since].filter(([, first]) => now - first >= passing).map(([line]) => line);
    if (lasting.length === 0 && now - begun >= 2 * passing) return;
    if (lasting.length > 0 && now >= deadline)
      throw new Error(`left behind after ${graceMs} ms (+ new, - gone):\n  ${lasting.join("\n  ")}`);
    await sleep(100);
  }
}
