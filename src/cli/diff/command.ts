import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Context } from "../context.ts";
import { sorted } from "../jsonpath/evaluate.ts";
import { readManifests } from "../manifests.ts";
import { openPods } from "../pods.ts";
import { structured } from "../render/structured.ts";
import { type Sides, sidesOf } from "./sides.ts";
import { masked, unified } from "./unified.ts";

/** kubectl's: 0 nothing would change, 1 something would; more is an error. */
const DIFFERENT = 1;

/** `tspod diff -f FILE…`: what `apply` would change, without changing it. */
export async function diffCommand(context: Context, files: readonly string[]): Promise<number> {
  const manifests = await readManifests(context, files, { nothingDone: "Nothing was compared." });
  const pods = await openPods(context);
  let found = 0;
  let refused: TspodError | undefined;
  for (const sides of await sidesOf(context, pods, manifests)) {
    const text = await difference(sides);
    if (text === "") continue;
    context.out(text);
    found = DIFFERENT;
    if (sides.update?.update === "forbidden") refused ??= wouldBeRefused(sides, sides.update.message);
  }
  if (refused) throw refused;
  return found;
}

async function difference({ name, live, merged }: Sides): Promise<string> {
  const text = async (object: object | undefined) =>
    object === undefined ? "" : await structured(sorted(object), "yaml");
  const before = await text(masked(live, merged, "before"));
  return unified(name, before, await text(masked(merged, live, "after")));
}

function wouldBeRefused({ name }: Sides, message: string): TspodError {
  return new TspodError({
    code: "TS3453",
    message: `The Pod ${JSON.stringify(name.split(".").at(-1))} is invalid: ${message}`,
    hint: "`apply` would refuse this change; `tspod run -d --replace FILE` makes the pod anew",
    exitCode: ExitCode.invalid,
  });
}
