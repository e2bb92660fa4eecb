import { resolve } from "node:path";
import { noPods, readManifests } from "../manifests.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { serviceUnit } from "../render/service-unit.ts";

interface Flags {
  filename?: string[];
}

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "manifest files, as run takes them")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .action(
      act(async (context, files: string[], flags: Flags) => {
        const all = [...files, ...(flags.filename ?? [])];
        const manifests = await readManifests(context, all, { nothingDone: "Nothing was written." });
        if (manifests.pods.length === 0) throw noPods(all);
        const pods = manifests.pods.map(({ object }) => object);
        context.out(
          serviceUnit({
            pods,
            files: all.map((file) => resolve(file)),
            root: context.global.root === undefined ? undefined : resolve(context.global.root),
            namespace: context.global.namespace,
            command: "/usr/local/bin/tspod",
          }),
        );
        return 0;
      }),
    );
  examples(
    command,
    ["tspod systemd web.yaml | sudo tee /etc/systemd/system/tspod-web.service", "the unit of a pod"],
    ["sudo systemctl enable --now tspod-web", "starts it now, and at each start of the machine"],
  );
  command.addHelpText(
    "after",
    "\nThe service is up when its pods are ready, and ends with their exit code. It is stopped as the pods ask for:\npreStop hooks, TERM, their grace period.",
  );
};
