import { collect, count, duration, lineCount, moment } from "../arguments.ts";
import { examples } from "../pods.ts";
import { type LogFlags, printLogs } from "../print-logs.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("[pod]", "the pod, or TYPE/NAME of what makes pods")
    .argument("[container]", "the container, as with -c")
    .option("-c, --container <name>", "this container (init containers too); may be repeated", collect)
    .option("--all-containers", "all containers of the pod, in the order of time")
    .option("-f, --follow", "go on until the containers end")
    .option("-p, --previous", "the attempt before the last restart")
    .option("--tail <lines>", "only the last lines; -1: all", lineCount)
    .option("--since <duration>", "only lines younger than this: 30s, 5m, 1h30m", duration)
    .option("--since-time <time>", "only lines after this RFC 3339 time", moment)
    .option("--timestamps", "the time before each line")
    .option("--prefix", "[pod/POD/CONTAINER] before each line")
    .option("-l, --selector <labels>", "of all pods with these labels, the last 10 lines of each log")
    .option("--limit-bytes <bytes>", "not more than this of each log", count)
    .option("--max-log-requests <count>", "with -f: how many logs may be followed at once", count, 5)
    .option("--ignore-errors", "a log that is not there does not keep the others")
    .action(
      act((context, pod: string | undefined, container: string | undefined, flags: LogFlags) =>
        printLogs(context, pod, {
          ...flags,
          container: [...(flags.container ?? []), ...(container === undefined ? [] : [container])],
        }),
      ),
    );
  examples(
    command,
    ["sudo tspod logs web", "the first container's log (which one is said)"],
    ["sudo tspod logs -f --all-containers web", "everything, as it is written"],
    ["sudo tspod logs web -c migrate", "an init container's, also after it has ended"],
    ["sudo tspod logs -l app=web --prefix -f", "of several pods, each line with where it is from"],
    ["sudo tspod logs web --tail 20 --timestamps", "the last lines, with their times"],
  );
};
