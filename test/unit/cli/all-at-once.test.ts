import { describe, expect, it } from "vitest";
import { allAtOnce } from "../../../src/cli/all-at-once.ts";
import type { Context } from "../../../src/cli/context.ts";
import { styleFor } from "../../../src/cli/render/style.ts";
import { ExitCode, TspodError } from "../../../src/errors/tspod-error.ts";

function terminal() {
  const said: string[] = [];
  const add = (text: string) => void said.push(text.trimEnd());
  const context = { out: add, err: add, errStyle: styleFor("never", process.stderr, {}) } as Context;
  return { context, said };
}
const missing = (name: string) =>
  new TspodError({ code: "TS3401", message: `pods "${name}" not found`, exitCode: ExitCode.notFound });

describe("several at once", () => {
  it("begin together, and are told in the order given, however they end", async () => {
    const { context, said } = terminal();
    const begun: string[] = [];
    let endFirst: (said: string) => void = () => {};
    const code = await allAtOnce(context, [
      () => {
        begun.push("a");
        return new Promise((resolve) => (endFirst = resolve));
      },
      async () => {
        begun.push("b");
        throw missing("b");
      },
      async () => {
        begun.push("c");
        endFirst("a\n");
        return "c\n";
      },
      async () => undefined,
    ]);
    expect(begun).toEqual(["a", "b", "c"]);
    expect(said).toEqual(["a", 'error[TS3401]: pods "b" not found', "c"]);
    expect(code).toBe(ExitCode.notFound);
  });

  it("the error of the only one is the command's; what is not there may be no error", async () => {
    const { context, said } = terminal();
    const one = [async () => Promise.reject(missing("x"))];
    await expect(allAtOnce(context, one)).rejects.toMatchObject({ code: "TS3401" });
    expect(await allAtOnce(context, [...one, ...one], { ignoreNotFound: true })).toBe(0);
    expect(said).toEqual([]);
  });
});
