import { closeSync, readFileSync } from "node:fs";
import { codeOf } from "../errors/errno.ts";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { buildFileCandidates, loadAddon } from "./load-addon.ts";

let image: number | undefined;

/**
 * The helper in a sealed memfd, made once a process: a container that reaches `/proc/<pid>/exe` of it finds a copy that
 * nobody can write, never the file on the host (CVE-2019-5736).
 * @throws TspodError TS4102 that names every file tried.
 */
export function helperImage(): number {
  image ??= seal(readHelper());
  return image;
}

function seal(content: Uint8Array): number {
  const addon = loadAddon();
  const fd = addon.memfd("tspod-helper", content);
  try {
    addon.seal(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

function readHelper(): Uint8Array {
  const tried: string[] = [];
  for (const path of buildFileCandidates("tspod-helper")) {
    try {
      return readFileSync(path);
    } catch (error) {
      tried.push(`${path}: ${codeOf(error)}`);
    }
  }
  throw new TspodError({
    code: "TS4102",
    message: `the helper program could not be read; tried ${tried.join("; ")}`,
    hint: "build it with `make build`",
    exitCode: ExitCode.hostNotAble,
  });
}
