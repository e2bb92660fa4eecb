import { join } from "node:path";
import { build } from "esbuild";
import { checkout } from "../../support/tspod.ts";

/** What stands for the place of the sources in a program that lies elsewhere: the addon is looked for from there. */
const source = join(checkout, "src/kernel/x.ts");

/** Makes a program of a text that imports from `src`, for tests in which several processes do something at once. */
export async function buildProgram(outfile: string, contents: string): Promise<void> {
  await build({
    stdin: { resolveDir: join(checkout, "src"), contents },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
    define: { "import.meta.url": JSON.stringify(`file://${source}`) },
    banner: { js: `__filename = ${JSON.stringify(source)};` },
  });
}
