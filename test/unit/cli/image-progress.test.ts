import { expect, it } from "vitest";
import { barProgress, plainProgress } from "../../../src/cli/render/image-progress.ts";
import type { ImageProgress } from "../../../src/image/progress.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const layer = (letter: string, phase: "downloading" | "downloaded" | "done", done = 0): ImageProgress => ({
  kind: "layer",
  digest: digest(letter),
  phase,
  done,
  total: 100,
});
const pulling: ImageProgress = { kind: "pulling", ref: "r", message: 'Pulling image "r"' };

/** What a terminal shows after the text: lines, the cursor going up, lines erased. */
function screen(text: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  const visible = text.replaceAll("\u001b", "␛");
  for (const [, up, erase, newline, plain = ""] of visible.matchAll(/␛\[(\d+)A|(␛\[2K)|(\n)|([^␛\n]+)/g)) {
    if (up) row -= Number(up);
    else if (erase) lines[row] = "";
    else if (newline) lines[++row] ??= "";
    else lines[row] += plain;
  }
  return lines.filter((line) => line !== "");
}

it("a terminal has one bar for each layer, drawn in place, and the next image's are its own", () => {
  let text = "";
  let now = 0;
  const tell = barProgress(
    (more) => {
      text += more;
    },
    () => {
      now += 1000;
      return now;
    },
  );
  for (const progress of [
    pulling,
    layer("a", "downloading", 50),
    layer("b", "downloading", 0),
    layer("a", "done", 100),
  ])
    tell(progress);
  expect(screen(text)).toEqual([
    'Pulling image "r"',
    "aaaaaaaaaaaa: Complete",
    `bbbbbbbbbbbb: Downloading [>${" ".repeat(29)}] 0B/100B`,
  ]);
  tell(layer("b", "downloading", 50));
  expect(screen(text)[2]).toBe(`bbbbbbbbbbbb: Downloading [${"=".repeat(15)}>${" ".repeat(14)}] 50B/100B`);
  tell(layer("b", "done", 100));
  tell({ kind: "pulled", ref: "r", digest: digest("f"), milliseconds: 1, message: "Successfully pulled" });
  tell(layer("c", "done", 100));
  expect(screen(text).slice(3)).toEqual(["Successfully pulled", "cccccccccccc: Complete"]);
});

it("bars are not drawn more often than an eye can follow, but for a layer's new phase", () => {
  let writes = 0;
  const tell = barProgress(
    () => {
      writes++;
    },
    () => 1000,
  );
  for (let done = 0; done < 100; done++) tell(layer("a", "downloading", done));
  expect(writes).toBe(1);
  tell(layer("a", "done", 100));
  expect(writes).toBe(2);
});

it("elsewhere there is a line for each layer and phase", () => {
  let text = "";
  const tell = plainProgress((more) => {
    text += more;
  });
  for (const progress of [
    pulling,
    layer("a", "downloading", 1),
    layer("a", "downloading", 99),
    layer("a", "done", 100),
  ])
    tell(progress);
  expect(text).toBe('Pulling image "r"\naaaaaaaaaaaa: Downloading 100B\naaaaaaaaaaaa: Complete\n');
});
