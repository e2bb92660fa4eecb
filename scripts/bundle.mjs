/**
 * Bundles src/cli/main.ts into dist/app-HASH.cjs, with V8's compiled form of it beside it, and writes
 * dist/tspod.cjs, the entry that loads both.
 *
 * One CommonJS file: what a command imports with `import()` sits in it as a function that is not even
 * parsed until it is called, so `tspod version` pays for little.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { explainTexts } from "./explain-texts.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outfile: join(dist, "app.cjs"),
  write: false,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // Identifiers stay: an internal error's stack names the functions of the source.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  // import() becomes require(): inside a vm.Script a real import() has no module to be relative to.
  supported: { "dynamic-import": false },
  define: {
    "import.meta.url": "__moduleUrl",
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
  },
  banner: {
    js: "(function(exports,require,module,__filename,__dirname){const __moduleUrl='file://'+encodeURI(__filename);",
  },
  footer: { js: "})" },
  logLevel: "warning",
  metafile: true,
}).catch(() => process.exit(1)); // esbuild has printed what is wrong
const code = outputFiles[0].contents;
const name = `app-${createHash("sha256").update(code).digest("hex").slice(0, 12)}`;
const bundle = join(dist, `${name}.cjs`);
mkdirSync(dist, { recursive: true });
writeFileSync(bundle, code);
// Beside the bundle and not in it: one command reads it, and no other is to carry it.
writeFileSync(join(dist, `${name}.texts.json`), JSON.stringify(explainTexts(root)));

// `explain` goes through the most that can be run without root; what this host's own pods are must not matter.
const emptyRoot = mkdtempSync(join(tmpdir(), "tspod-build-"));
const warmUp = spawnSync(
  process.execPath,
  [
    join(root, "scripts/code-cache.cjs"),
    bundle,
    join(dist, `${name}.cache`),
    "--root",
    emptyRoot,
    "explain",
    join(root, "examples/hello.yaml"),
  ],
  { encoding: "utf8" },
);
rmSync(emptyRoot, { recursive: true });
if (warmUp.status !== 0) {
  process.stderr.write(`${warmUp.stdout}${warmUp.stderr}`);
  throw new Error("the bundle's trial run (explain examples/hello.yaml) failed");
}

const entry = readFileSync(join(root, "scripts/entry.cjs"), "utf8").replace("__BUNDLE__", name);
writeFileSync(join(dist, "tspod.cjs.new"), entry);
renameSync(join(dist, "tspod.cjs.new"), join(dist, "tspod.cjs"));
for (const old of readdirSync(dist)) {
  if (old.startsWith("app-") && !old.startsWith(name)) rmSync(join(dist, old));
}
console.log(
  `dist/${name}.cjs: ${(code.length / 1024).toFixed(0)} KiB from ${Object.keys(metafile.inputs).length} files`,
);
