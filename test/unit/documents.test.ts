import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSources, type Source } from "../support/source-rules.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") });
const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(read),
  ...readSources(root, "docs", [".md"]),
];
const code = [...readSources(root, "src", [".ts"]), ...readSources(root, "native", [".c", ".cc", ".h"])];

/** Links of a page to other files of the checkout, as paths from its top. */
function linksOf({ path, text }: Source): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(path), target));
}

describe("the documents", () => {
  it("link to files that are there", () => {
    const links = pages.flatMap((page) => linksOf(page).map((link) => `${page.path} → ${link}`));
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !existsSync(join(root, link.split(" → ")[1] as string)))).toEqual([]);
  });

  it("are there when the code refers to them", () => {
    const named = code.flatMap(({ path, text }) =>
      [...text.matchAll(/docs\/[\w/-]+\.md/g)].map(([page]) => ({ path, page })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ page }) => !existsSync(join(root, page)))).toEqual([]);
  });

  it.each(["docs", "docs/adr"])("are all listed in %s/README.md", (folder) => {
    const listed = linksOf(read(`${folder}/README.md`));
    const files = readdirSync(join(root, folder)).filter(
      (name) => name.endsWith(".md") && name !== "README.md",
    );
    expect(files.length).toBeGreaterThan(5);
    expect(files.map((name) => join(folder, name)).filter((path) => !listed.includes(path))).toEqual([]);
  });

  it("of decisions carry the number of their file, a status, and their title in the list", () => {
    const list = read("docs/adr/README.md").text;
    for (const { path, text } of readSources(root, "docs/adr", [".md"])) {
      if (path.endsWith("README.md")) continue;
      const file = path.slice("docs/adr/".length);
      const [title = ""] = text.split("\n");
      expect(title).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. \\w`));
      expect(text).toMatch(/^Status: \w/m);
      expect(list).toContain(`- [${title.slice(2)}](${file})`);
    }
  });
});
