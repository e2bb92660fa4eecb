import { loadCore } from "../core.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command.option("--dry-run", "only say what would be removed").action(
    act(async (context, flags: { dryRun?: boolean }) => {
      const [host, core] = await Promise.all([context.host(), loadCore()]);
      const { removed } = core.collectGarbage(host, { dryRun: flags.dryRun ?? false });
      const verb = flags.dryRun ? "would remove" : "removed";
      for (const thing of removed) context.out(`${verb} ${thing}\n`);
      if (removed.length === 0) context.out("nothing to remove\n");
      return 0;
    }),
  );
  examples(
    command,
    ["sudo tspod gc --dry-run", "what killed commands have left behind"],
    ["sudo tspod gc", "remove it"],
  );
};
