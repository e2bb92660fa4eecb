import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { checkout } from "./tspod.ts";

/**
 * Whether machines can be played that this one is not: the distribution's User Mode Linux (package user-mode-linux)
 * starts in seconds. Its root is this machine's, read-only.
 */
export const guestRelease = spawnSync("linux.uml", ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";

/** A program that can be run in guests. `dispose` removes what was made for it. */
export class Guest {
  // Where the program finds `dist` as in a checkout.
  readonly #folder: string;

  constructor() {
    const parent = join(checkout, "build");
    mkdirSync(parent, { recursive: true });
    this.#folder = mkdtempSync(join(parent, "guest-"));
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async build(entry: URL): Promise<void> {
    await build({
      entryPoints: [entry.pathname],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: join(this.#folder, "guest.mjs"),
      logLevel: "error",
    });
  }

  /** Boots, carries out the lines of busybox's shell and then the program; what that printed after `REPORT `. */
  // biome-ignore lint/suspicious/noExplicitAny: a document that tests look into
  async boot(lines: string[]): Promise<any> {
    const folder = this.#folder;
    const init = join(folder, "init");
    const script = [
      "#!/bin/busybox sh",
      "/bin/busybox mount -t proc proc /proc",
      "/bin/busybox mount -t sysfs sys /sys",
      ...lines.map((line) => `/bin/busybox ${line}`),
      `${process.execPath} ${join(folder, "guest.mjs")}`,
      "/bin/busybox poweroff -f",
    ];
    writeFileSync(init, script.join("\n"));
    chmodSync(init, 0o755);
    const kernel = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "mem=768M", "quiet"];
    const guest = spawn("linux.uml", [...kernel, `init=${init}`, "con=null", "con0=fd:0,fd:1"], {
      stdio: ["ignore", "pipe", "ignore"],
      cwd: folder,
      env: { PATH: `${dirname(process.execPath)}:/bin:/usr/bin`, HOME: folder, TMPDIR: folder },
    });
    const limit = setTimeout(() => guest.kill("SIGKILL"), 250_000);
    let output = "";
    guest.stdout.on("data", (data) => {
      output += data;
    });
    await new Promise((resolve) => guest.on("close", resolve));
    clearTimeout(limit);
    const line = /^REPORT (.*)$/m.exec(output.replaceAll("\r", ""))?.[1];
    if (line === undefined) throw new Error(`the guest said:\n${output.slice(-2000)}`);
    return JSON.parse(line);
  }
}
