import { describe, expect, it } from "vitest";
import { type IdPoolFacts, pickIdRange, RANGE_SIZE, refuseUnmapped } from "../../../src/security/index.ts";

const whole = { first: 0, size: 2 ** 32 - 1 };
const facts = (more: Partial<IdPoolFacts> = {}): IdPoolFacts => ({
  own: [],
  others: [],
  mapped: [whole],
  maxUserNamespaces: 1000,
  ...more,
});
const pick = (given: IdPoolFacts, taken: number[] = [], last?: number, start = 0) =>
  pickIdRange(given, { taken: new Set(taken), last, start }).first;

describe("the ids of a pod", () => {
  it("are 65536 of those that systemd leaves to containers", () => {
    expect(pickIdRange(facts(), { taken: new Set(), last: undefined, start: 0 })).toEqual({
      first: 524288,
      size: RANGE_SIZE,
    });
    const highest = pick(facts(), [], undefined, 28663);
    expect(highest + RANGE_SIZE - 1).toBe(1879048191);
    expect(pick(facts(), [], undefined, 28664)).toBe(524288);
  });

  it("are not given again at once, and never twice at a time", () => {
    expect(pick(facts(), [], 524288)).toBe(524288 + RANGE_SIZE);
    expect(pick(facts(), [524288 + RANGE_SIZE], 524288)).toBe(524288 + 2 * RANGE_SIZE);
    expect(pick(facts(), [], 0x70000000 - RANGE_SIZE)).toBe(524288);
  });

  it("are those of the user tspod where subuid and subgid name it, whole ranges only", () => {
    const own = [
      { first: 100_000, size: 200_000 },
      { first: 10 * RANGE_SIZE, size: RANGE_SIZE },
    ];
    expect(pick(facts({ own }))).toBe(2 * RANGE_SIZE);
    expect(pick(facts({ own }), [], 2 * RANGE_SIZE)).toBe(3 * RANGE_SIZE);
    expect(pick(facts({ own }), [], 3 * RANGE_SIZE)).toBe(10 * RANGE_SIZE);
    expect(() =>
      pick(
        facts({ own }),
        [2, 3, 10].map((n) => n * RANGE_SIZE),
      ),
    ).toThrow("no range of 65536 ids is free");
  });

  it("are nobody else's: not of other users' subordinate ids, nor of the host's users", () => {
    const others = [
      { first: 524288 + RANGE_SIZE - 1, size: 2 },
      { first: 524288 + 2 * RANGE_SIZE + 1000, size: 1 },
    ];
    expect(pick(facts({ others }))).toBe(524288 + 3 * RANGE_SIZE);
  });

  it("exist where tspod runs: of a user namespace's own ids", () => {
    expect(pick(facts({ mapped: [{ first: 0, size: 700_000 }] }))).toBe(524288);
    expect(() => pick(facts({ mapped: [{ first: 0, size: 65536 }] }))).toThrow(
      "no range of 65536 ids is free",
    );
  });

  it("do not exist where the host allows no user namespaces", () => {
    expect(() => pick(facts({ maxUserNamespaces: 0 }))).toThrow("this host allows none");
  });

  it("end at 65535 inside", () => {
    const size = { size: RANGE_SIZE };
    expect(() => refuseUnmapped("a", { uid: 65535, gid: 65535, groups: [65535] }, size)).not.toThrow();
    expect(() => refuseUnmapped("a", { uid: 65536, gid: 0, groups: [] }, size)).toThrow(
      "container a: user 65536",
    );
    expect(() => refuseUnmapped("a", { uid: 0, gid: 65536, groups: [] }, size)).toThrow("group 65536");
    expect(() => refuseUnmapped("a", { uid: 0, gid: 0, groups: [0, 70000] }, size)).toThrow(
      "supplementary group 70000",
    );
  });
});
