import type { PodView } from "../../pod/view.ts";
import { joinNewContainer } from "../attach/command.ts";
import type { Context } from "../context.ts";
import { openPods, type Pods, pick } from "../pods.ts";
import { type DebugFlags, debugContainer, debuggerName } from "./container.ts";
import type { CopyFlags } from "./copy-pod.ts";

export interface DebugCommandFlags extends DebugFlags, CopyFlags {
  /** Absent: as `stdin`. */
  attach?: boolean;
  quiet?: boolean;
}

/** `tspod debug`: adds an ephemeral container to a running pod and, with `-i`, joins it. */
export async function debugCommand(
  context: Context,
  name: string,
  command: readonly string[],
  flags: DebugCommandFlags,
): Promise<number> {
  const pods = await openPods(context);
  const view = pick(context, pods, name);
  const { addEphemeral } = await import("../../pod/ephemeral.ts");
  const chosen = flags.container ?? debuggerName();
  if (flags.copyTo !== undefined) {
    const { debugCopy } = await import("./copy-pod.ts");
    const made = await debugCopy(context, pods, view, {
      ...flags,
      name: flags.copyTo,
      container: chosen,
      command,
    });
    return joined(context, pods, made, chosen, flags);
  }
  const container = debugContainer(view.record.pod, chosen, command, flags);
  const say = (text: string) => {
    if (!flags.quiet) context.err(`${text}\n`);
  };
  if (flags.target)
    say(`Targeting container ${JSON.stringify(flags.target)}: its processes are seen from the new one.`);
  if (flags.container === undefined) say(`Defaulting debug container name to ${chosen}.`);
  const after = await addEphemeral(pods.host, view, container);
  if (flags.withFs && flags.target)
    say(`The files of container ${JSON.stringify(flags.target)} are below /proc/1/root.`);
  return joined(context, pods, after, chosen, flags);
}

async function joined(
  context: Context,
  pods: Pods,
  view: PodView,
  container: string,
  flags: DebugCommandFlags,
): Promise<number> {
  if (!(flags.attach ?? flags.stdin)) return 0;
  return joinNewContainer(context, pods, view, {
    container,
    ...(flags.stdin ? { stdin: true } : {}),
    ...(flags.tty ? { tty: true } : {}),
    ...(flags.quiet ? { quiet: true } : {}),
  });
}
