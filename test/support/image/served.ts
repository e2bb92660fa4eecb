import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach } from "vitest";
import { makeLayout } from "./make-image.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { tar } from "./tar.ts";
import { workFolder } from "./unpack.ts";

/** For the top of a file: each test has a folder of its own, and what it starts ends with it, the last first. */
export interface Served {
  /** The test's folder. */
  path: string;
  closing(close: () => unknown): void;
  /** A registry with one image, `r/i:1`. */
  serve(auth?: string[], layers?: Buffer[], flags?: string[]): Promise<Registry & { digests: string[] }>;
}

export function served(): Served {
  let closers: (() => unknown)[];
  const here: Served = {
    path: "",
    closing: (close) => void closers.push(close),
    serve: async (auth, layers = [tar({ name: "a", data: "x" })], flags = []) => {
      const registry = await startRegistry(join(here.path, "registry"), auth ? { auth } : {});
      here.closing(() => registry.kill());
      const layout = join(here.path, "layout");
      const [made] = makeLayout(layout, { layers, name: "t" });
      // Not execFileSync: the token server lives in this process.
      await promisify(execFile)("skopeo", [
        "copy",
        "-q",
        "--preserve-digests",
        "--dest-tls-verify=false",
        ...flags,
        `oci:${layout}:t`,
        `docker://${registry.host}/r/i:1`,
      ]);
      return { ...registry, digests: made!.layers };
    },
  };
  beforeEach(() => {
    const work = workFolder();
    here.path = work.path;
    closers = [() => work.remove()];
  });
  afterEach(async () => {
    for (const close of closers.reverse()) await close();
  });
  return here;
}
