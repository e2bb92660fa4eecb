import type { Command } from "commander";
import type { Context } from "./context.ts";

/** Adds arguments, options and action to a command; runs only when that command is asked for. */
export type Define = (command: Command, act: Act) => void;

/** Wraps an action: gives it the context, takes its exit code (nothing: 0). */
export type Act = <A extends unknown[]>(
  action: (context: Context, ...args: A) => Promise<number | undefined>,
) => (...args: A) => Promise<void>;

export interface CommandEntry {
  name: string;
  aliases?: string[];
  summary: string;
  group: string;
  /** `yes`: refuses without root before anything else; a text: the same, and what to do without root. */
  root?: string | true;
  /** With --dry-run it needs no root. */
  dryRun?: true;
  load(): Promise<{ define: Define }>;
}

const RUN = "Run pods:";
const LOOK = "Look at pods:";
const LEARN = "Learn and check:";
const HOST = "This machine:";

/**
 * Every command of tspod, in the order of the help. What a command needs is loaded when it is used. A new command is a
 * file in commands/ that exports `define`, and an entry here; its sub-commands are its own affair.
 */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "run",
    summary: "Start the pods of manifest files",
    group: RUN,
    root: "tspod explain FILE shows without root what it would do",
    load: () => import("./commands/run.ts"),
  },
  {
    name: "stop",
    summary: "Stop pods gracefully; they stay listed",
    group: RUN,
    root: true,
    load: () => import("./commands/stop.ts"),
  },
  {
    name: "start",
    summary: "Start pods that are stopped",
    group: RUN,
    root: true,
    load: () => import("./commands/start.ts"),
  },
  {
    name: "restart",
    summary: "Stop pods and start them again",
    group: RUN,
    root: true,
    load: () => import("./commands/restart.ts"),
  },
  {
    name: "kill",
    summary: "Send a signal to a pod's containers",
    group: RUN,
    root: true,
    load: () => import("./commands/kill.ts"),
  },
  {
    name: "rm",
    aliases: ["delete"],
    summary: "Stop and remove pods and all they own",
    group: RUN,
    root: true,
    load: () => import("./commands/rm.ts"),
  },
  {
    name: "down",
    summary: "Remove the pods and workloads of manifest files",
    group: RUN,
    root: true,
    load: () => import("./commands/down.ts"),
  },
  {
    name: "create",
    summary: "Create objects: of files, or a workload, ConfigMap or Secret of flags",
    group: RUN,
    root: "with --dry-run -o yaml it only prints the object, and needs no root",
    dryRun: true,
    load: () => import("./commands/create.ts"),
  },
  {
    name: "scale",
    summary: "Change how many pods a workload has",
    group: RUN,
    root: true,
    load: () => import("./commands/scale.ts"),
  },
  {
    name: "rollout",
    summary: "Follow, repeat, hold or take back the change of a workload's pods",
    group: RUN,
    root: true,
    load: () => import("./commands/rollout.ts"),
  },
  {
    name: "apply",
    summary: "Create or change what files name",
    group: RUN,
    root: true,
    load: () => import("./commands/apply.ts"),
  },
  {
    name: "diff",
    summary: "Show what apply would change",
    group: RUN,
    root: true,
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "edit",
    summary: "Edit pods and other objects in an editor",
    group: RUN,
    root: true,
    load: () => import("./commands/edit.ts"),
  },
  {
    name: "label",
    summary: "Change labels of pods and other objects",
    group: RUN,
    root: true,
    load: () => import("./commands/label.ts"),
  },
  {
    name: "annotate",
    summary: "Change annotations of pods and other objects",
    group: RUN,
    root: true,
    load: () => import("./commands/annotate.ts"),
  },
  {
    name: "set",
    summary: "Change images or resources of containers",
    group: RUN,
    root: true,
    load: () => import("./commands/set.ts"),
  },
  {
    name: "ps",
    summary: "List pods",
    group: LOOK,
    root: true,
    load: () => import("./commands/ps.ts"),
  },
  {
    name: "get",
    summary: "List pods, workloads and other objects: get KIND [NAME]",
    group: LOOK,
    root: true,
    load: () => import("./commands/get.ts"),
  },
  {
    name: "wait",
    summary: "Wait until pods or objects are as wanted",
    group: LOOK,
    root: true,
    load: () => import("./commands/wait.ts"),
  },
  {
    name: "describe",
    summary: "Show all about a pod or other object, for people",
    group: LOOK,
    root: true,
    load: () => import("./commands/describe.ts"),
  },
  {
    name: "inspect",
    summary: "Show all about a pod, for programs",
    group: LOOK,
    root: true,
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "generate",
    summary: "Print the manifests that make pods or objects again",
    group: LOOK,
    root: true,
    load: () => import("./commands/generate.ts"),
  },
  {
    name: "logs",
    summary: "Print the logs of a pod's containers",
    group: LOOK,
    root: true,
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "top",
    summary: "Show what running pods use",
    group: LOOK,
    root: true,
    load: () => import("./commands/top.ts"),
  },
  {
    name: "events",
    summary: "List what happened to pods",
    group: LOOK,
    root: true,
    load: () => import("./commands/events.ts"),
  },
  {
    name: "exec",
    summary: "Run a command in a container",
    group: LOOK,
    root: true,
    load: () => import("./commands/exec.ts"),
  },
  {
    name: "attach",
    summary: "Join a running container's input and output",
    group: LOOK,
    root: true,
    load: () => import("./commands/attach.ts"),
  },
  {
    name: "debug",
    summary: "Look into a running pod with a container of one's own",
    group: LOOK,
    root: true,
    load: () => import("./commands/debug.ts"),
  },
  {
    name: "cp",
    summary: "Copy files and folders to and from containers",
    group: LOOK,
    root: true,
    load: () => import("./commands/cp.ts"),
  },
  {
    name: "explain",
    summary: "Show, without root, each step that run would take",
    group: LEARN,
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "ns",
    summary: "Show which namespaces a pod's processes share",
    group: LEARN,
    root: true,
    load: () => import("./commands/ns.ts"),
  },
  {
    name: "validate",
    summary: "Check manifest files, without root",
    group: LEARN,
    load: () => import("./commands/validate.ts"),
  },
  {
    name: "doctor",
    summary: "Show what this machine can and cannot do",
    group: HOST,
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "image",
    aliases: ["images"],
    summary: "Pull, load, list, verify and remove images",
    group: HOST,
    root: true,
    load: () => import("./commands/image.ts"),
  },
  {
    name: "systemd",
    summary: "Print a systemd unit that runs pods as a service",
    group: HOST,
    load: () => import("./commands/systemd.ts"),
  },
  {
    name: "daemon",
    summary: "Look after detached pods (started by itself when there are any)",
    group: HOST,
    root: true,
    load: () => import("./commands/daemon.ts"),
  },
  {
    name: "gc",
    summary: "Remove what killed commands left behind",
    group: HOST,
    root: true,
    load: () => import("./commands/gc.ts"),
  },
  {
    name: "version",
    summary: "Show the version",
    group: HOST,
    load: () => import("./commands/version.ts"),
  },
];
