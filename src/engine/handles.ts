import { TspodError } from "../errors/tspod-error.ts";
import type { Helper, Kernel } from "../kernel/kernel.ts";
import type { ContainerOp } from "../plan/container-op.ts";

/** What the executed ops of one pod have produced and later ops refer to by name. */
export interface Handles {
  /** The pod's uid, for messages. */
  uid: string;
  /** The pod's address in the pool, which its interface's MAC follows; "" with hostNetwork. */
  address: string;
  holder?: Helper;
  /** Containers waiting at their gate or running, by name. */
  containers: Map<string, StartedContainer>;
}

export interface StartedContainer {
  monitor: Helper;
  /** The container's first process, as the host sees it. */
  pid: number;
  /** Its list, to name the step that fails behind the gate. */
  ops: readonly ContainerOp[];
}

/** For a pod of which nothing runs yet; `address` as in `Handles`. */
export function newHandles(uid: string, address: string): Handles {
  return { uid, address, containers: new Map() };
}

/** @throws TspodError TS5003 when no op has started the holder. */
export function holderOf({ holder }: { holder?: Helper | undefined }): Helper {
  if (!holder) throw new TspodError({ code: "TS5003", message: "the pod's holder is not running" });
  return holder;
}

/** Closes every descriptor; containers still at their gate give up by themselves. */
export function closeHandles(kernel: Kernel, handles: Handles): void {
  for (const started of handles.containers.values()) kernel.release(started.monitor);
  handles.containers.clear();
  if (handles.holder) {
    kernel.netClose(handles.holder);
    kernel.release(handles.holder);
    delete handles.holder;
  }
}
