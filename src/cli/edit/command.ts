import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Context } from "../context.ts";
import { objectManifest, podManifest } from "../generate/manifest.ts";
import { sorted } from "../jsonpath/evaluate.ts";
import { openPods, type Pods } from "../pods.ts";
import { structured } from "../render/structured.ts";
import { shown, type Target, targetsOf } from "../targets.ts";
import { bufferOf, contentOf } from "./buffer.ts";
import { openEditor } from "./editor.ts";
import { type Saved, saveEdited } from "./save.ts";

export interface EditFlags {
  output: "yaml" | "json";
}

/** `tspod edit`: one object after the other in the person's editor. */
export async function editCommand(
  context: Context,
  names: readonly string[],
  flags: EditFlags,
): Promise<number> {
  const pods = await openPods(context);
  for (const target of targetsOf(context, pods, names)) await edit(context, pods, target, flags);
  return 0;
}

async function edit(context: Context, pods: Pods, target: Target, { output }: EditFlags): Promise<void> {
  const whole = { defaults: true };
  const object =
    target.kind === "Pod" ? podManifest(target.view, whole) : objectManifest(target.object, whole);
  const original = await structured(sorted(object), output);
  const folder = mkdtempSync(join(tmpdir(), "tspod-edit-"));
  const file = join(folder, `${target.name}.${output}`);
  // JSON has no comments; what is wrong with it is told on the terminal.
  const write = (content: string, failure?: Parameters<typeof bufferOf>[1]) =>
    writeFileSync(file, output === "yaml" ? bufferOf(content, failure) : content, { mode: 0o600 });
  let keep = false;
  try {
    write(original);
    for (let before = original; ; ) {
      openEditor(file, process.env);
      const text = contentOf(readFileSync(file, "utf8"));
      const nothing =
        text.trim() === "" ? "saved file was empty" : text === original ? "no changes made" : "";
      if (nothing !== "") {
        context.err(`Edit cancelled, ${nothing}.\n`);
        return;
      }
      if (text === before) {
        keep = true;
        throw unsaved(file);
      }
      const saved = await saveEdited(pods, target, { text, file });
      if ("problems" in saved) {
        for (const problem of saved.problems) context.err(`error: ${problem}\n`);
        write(text, { what: shown(target), problems: saved.problems });
        before = text;
        continue;
      }
      report(context, target, saved);
      return;
    }
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

function report(
  context: Context,
  target: Target,
  { failures, what }: Extract<Saved, { what: string }>,
): void {
  if (what === "unchanged") context.err("Edit cancelled, no changes made.\n");
  else context.out(`${shown(target)} edited\n`);
  for (const { pod, volume, message } of failures)
    context.warn(`pod ${pod}: volume ${volume} keeps its content: ${message}`);
}

function unsaved(file: string): TspodError {
  return new TspodError({
    code: "TS3494",
    message: `Edit cancelled, no valid changes were saved. A copy of your changes has been stored to ${JSON.stringify(file)}`,
    exitCode: ExitCode.failure,
  });
}
