import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { markVariable } from "./leak/processes.ts";

/** The checkout. */
export const checkout = join(import.meta.dirname, "../..");
/** The command as a user of the checkout starts it. */
export const tspodBinary = join(checkout, "bin/tspod");

/** How long is waited for what is to come (ms): a machine may be ten times slower than ours, and busy. */
const PATIENCE_MS = 120_000;

/** What a command came to. */
export interface Outcome {
  /** Exit code; 128 + signal number is not made up: a command killed by a signal has `code` null. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A tspod of its own: a folder that its state, logs and images are below, a bridge, a table and cgroups of its own. */
export class TspodRoot {
  readonly dir = mkdtempSync(join(tmpdir(), "tspod-root-"));
  #running = new Set<Command>();
  #manifests = 0;

  /** Runs `tspod --root DIR …` to its end. A command that takes longer than `timeoutMs` is killed, and that is an error. */
  async run(args: string[], options: CommandOptions = {}): Promise<Outcome> {
    return await this.start(args, options).outcome(options.timeoutMs);
  }

  /** As `run`, for a command that is to succeed: throws with all output when it does not. */
  async ok(args: string[], options: CommandOptions = {}): Promise<string> {
    const outcome = await this.run(args, options);
    if (outcome.code !== 0) throw new Error(`tspod ${args.join(" ")} failed: ${describeOutcome(outcome)}`);
    return outcome.stdout;
  }

  /** Starts a command and lets it run. */
  start(args: string[], options: CommandOptions = {}): Command {
    const command = new Command(["--root", this.dir, ...args], {
      ...options,
      env: { ...options.env, [markVariable]: this.dir },
    });
    this.#running.add(command);
    command.child.once("close", () => this.#running.delete(command));
    return command;
  }

  /** Writes a manifest and returns its path. JSON is YAML. */
  manifest(content: string | object): string {
    const folder = join(this.dir, "manifests");
    mkdirSync(folder, { recursive: true });
    this.#manifests += 1;
    const path = join(folder, `${this.#manifests}.yaml`);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  /** What `inspect NAME -o json` prints. */
  // biome-ignore lint/suspicious/noExplicitAny: a document that tests look into
  async inspect(name: string): Promise<any> {
    return JSON.parse(await this.ok(["inspect", name, "-o", "json"]));
  }

  /** Takes away what would make pods anew; the daemon removes theirs. */
  forgetWorkloads(): void {
    for (const kind of ["deployment", "replicaset", "statefulset", "daemonset", "cronjob", "job"])
      rmSync(join(this.dir, "var/lib/tspod/objects", kind), { recursive: true, force: true });
  }

  /** Ends all commands and pods of this root and removes its folder; for `afterAll`, whatever state a test left. */
  async dispose(): Promise<void> {
    for (const command of this.#running) command.child.kill("SIGKILL");
    this.forgetWorkloads();
    if (existsSync(join(this.dir, "run/tspod/pods"))) {
      const pods = readdirSync(join(this.dir, "run/tspod/pods"));
      if (pods.length > 0) await this.run(["rm", "-f", ...pods]);
      await this.run(["gc"]);
    }
    // A daemon that ends may take a lock once more in a folder that has been listed already: ENOTEMPTY.
    await eventually(() => {
      rmSync(this.dir, { recursive: true, force: true });
      return true;
    });
  }
}

export interface CommandOptions {
  /** Added to a small fixed environment; the caller's own is not handed on. */
  env?: Record<string, string>;
  cwd?: string;
  /** Written to standard input, which is then closed. */
  input?: string;
  timeoutMs?: number;
}

/** A running `tspod`. */
export class Command {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #args: string[];
  readonly #closed: Promise<Outcome>;
  #hasClosed = false;

  constructor(args: string[], { env = {}, cwd = checkout, input }: CommandOptions = {}) {
    this.#args = args;
    this.child = spawn(tspodBinary, args, {
      cwd,
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/root", LANG: "C.UTF-8", ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    // A command may end without having read its input.
    this.child.stdin?.on("error", () => {}).end(input);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#closed = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => {
        this.#hasClosed = true;
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the command did not start");
    return this.child.pid;
  }

  /** The end of the command. */
  async outcome(timeoutMs = PATIENCE_MS): Promise<Outcome> {
    const clock = new AbortController();
    const late = sleep(timeoutMs, "late" as const, { signal: clock.signal }).catch(() => "late" as const);
    const first = await Promise.race([this.#closed, late]);
    clock.abort();
    if (first !== "late") return first;
    this.kill("SIGKILL");
    const outcome = await this.#closed;
    throw new Error(
      `tspod ${this.#args.join(" ")}: no end after ${timeoutMs} ms: ${describeOutcome(outcome)}`,
    );
  }

  /** Waits until what the command has printed (both streams) matches. */
  async printed(pattern: RegExp, timeoutMs = PATIENCE_MS): Promise<string> {
    return await eventually(
      () => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match) return match[0];
        // Not by its exit code: what it has printed last may still be in the pipe.
        if (this.#hasClosed) {
          throw new GiveUp(`ended without printing ${pattern}:\n${this.stdout}${this.stderr}`);
        }
        return undefined;
      },
      { timeoutMs, what: `output matching ${pattern}` },
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Ends `eventually` at once. */
class GiveUp extends Error {}

/**
 * Calls `probe` until it returns something (not undefined, not false) and returns that. A probe that throws is
 * tried again; its last error is the cause of the failure after `timeoutMs`.
 */
export async function eventually<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = PATIENCE_MS, what = "the condition" } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      failure = error;
    }
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: failure });
    await sleep(20);
  }
}

/** GET over plain HTTP; rejects when nothing answers. */
export function httpGet(url: string, timeoutMs = 10_000): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.once("error", reject);
    });
    request.once("timeout", () => request.destroy(new Error(`${url}: no answer within ${timeoutMs} ms`)));
    request.once("error", reject);
  });
}

function describeOutcome({ code, signal, stdout, stderr }: Outcome): string {
  return `${signal ?? `exit code ${code}`}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
}
