import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command.action(
    act(async (context) => {
      const host = await context.host();
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
    }),
  );
  examples(command, [
    "sudo tspod daemon",
    "look after detached pods until there is none; run -d starts it by itself",
  ]);
};
