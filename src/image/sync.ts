import { spawn } from "node:child_process";
import { once } from "node:events";

/** syncfs(2), which Node does not have. A failure is left to the next time. */
export async function syncFileSystem(unpacker: string, folder: string): Promise<void> {
  const child = spawn(unpacker, ["sync", folder], { env: {}, stdio: "ignore" });
  await once(child, "close").catch(() => undefined);
}
