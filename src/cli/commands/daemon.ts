import { Option } from "commander";
import type { Host } from "../../runtime/host.ts";
import type { Context } from "../context.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { daemonLine } from "../render/daemon-line.ts";
import { type StructuredFormat, structured } from "../render/structured.ts";

interface Flags {
  status?: boolean;
  output?: StructuredFormat;
}

export const define: Define = (command, act) => {
  command
    .option(
      "--status",
      "what the running daemon says of itself over its socket; exit code 1 when there is none",
    )
    .addOption(new Option("-o, --output <format>", "with --status").choices(["json", "yaml"]))
    .action(
      act(async (context, { status, output }: Flags) => {
        const host = await context.host();
        return status ? showStatus(context, host, output) : run(context, host);
      }),
    );
  examples(
    command,
    ["sudo tspod daemon --status", "which process it is, how many pods it looks after, what it costs"],
    ["sudo tspod daemon", "look after detached pods until there is none; run -d starts it by itself"],
  );
};

async function run(context: Context, host: Host): Promise<number> {
  const { runDaemon } = await import("../../daemon/run.ts");
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  // The terminal that it was started from may go; the pods do not.
  process.on("SIGHUP", () => {});
  const log = (text: string) => context.err(`${context.now().toISOString()} ${text}\n`);
  // A mistake about one pod is not to be the end of the others.
  process.on("unhandledRejection", (error) => log(`internal error: ${(error as Error).stack ?? error}`));
  if (!(await runDaemon(host, { log, stop: stop.signal }))) context.err("there is a daemon already\n");
  return 0;
}

async function showStatus(
  context: Context,
  host: Host,
  format: StructuredFormat | undefined,
): Promise<number> {
  const { daemonStatus } = await import("../../daemon/client.ts");
  const status = await daemonStatus(host);
  if (!status) {
    context.err("no daemon is running: there are no detached pods, or the next command will start it\n");
    return 1;
  }
  context.out(format ? await structured(status, format) : daemonLine(status, context.now()));
  return 0;
}
