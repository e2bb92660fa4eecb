import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, parseIpv4, parseSubnet, subnetContains, subnetsOverlap } from "../../../src/net/ipv4.ts";

describe("an IPv4 address", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (number) => {
        expect(parseIpv4(formatIpv4(number))).toBe(number);
      }),
    );
  });

  it.each(["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ", "::1"])(
    "is not %j",
    (text) => {
      expect(parseIpv4(text)).toBeUndefined();
    },
  );
});

describe("a subnet", () => {
  it("loses its host bits", () => {
    expect(parseSubnet("10.77.3.4/16")).toEqual(parseSubnet("10.77.0.0/16"));
  });

  it.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0/8"])("is not %j", (text) => {
    expect(() => parseSubnet(text)).toThrow(RangeError);
  });

  it("overlaps another exactly if one holds the other's first address", () => {
    const subnet = fc.record({ base: fc.nat(0xffffffff), prefixLength: fc.integer({ min: 0, max: 32 }) });
    fc.assert(
      fc.property(subnet, subnet, (a, b) => {
        expect(subnetsOverlap(a, b)).toBe(subnetContains(a, b.base) || subnetContains(b, a.base));
      }),
    );
  });
});
