import { describe, expect, it } from "vitest";
import { podHostname } from "../../../src/net/index.ts";

const named = (name: string, spec = {}) => podHostname({ metadata: { name, namespace: "shop" }, spec });

describe("podHostname", () => {
  it("is the pod's name, or spec.hostname", () => {
    expect(named("web")).toEqual({ hostname: "web", domain: "", kernel: "web" });
    expect(named("web", { hostname: "front" }).kernel).toBe("front");
  });

  it("is cut at 63 characters, and not left ending in a hyphen or dot", () => {
    expect(named("a".repeat(80)).hostname).toBe("a".repeat(63));
    expect(named(`${"a".repeat(61)}-.b`).hostname).toBe("a".repeat(61));
  });

  it("has a domain with a subdomain, which the kernel is told with setHostnameAsFQDN only", () => {
    const domain = "db.shop.svc.cluster.local";
    expect(named("web", { subdomain: "db" })).toEqual({ hostname: "web", domain, kernel: "web" });
    expect(named("web", { subdomain: "db", setHostnameAsFQDN: true }).kernel).toBe(`web.${domain}`);
    expect(named("web", { setHostnameAsFQDN: true }).kernel).toBe("web");
  });

  it("is refused where the FQDN is too long for the kernel", () => {
    const spec = { subdomain: "s".repeat(40), setHostnameAsFQDN: true };
    // 1 + 40 + ".shop.svc.cluster.local" and a dot: 65 characters
    expect(() => named("w", spec)).toThrow(/has 65 characters, the kernel takes 64/);
    expect(named("w", { ...spec, subdomain: "s".repeat(39) }).kernel).toHaveLength(64);
  });

  it("is what hostnameOverride says, whatever else is said", () => {
    const spec = { hostnameOverride: "db.example.com", hostname: "x", subdomain: "y" };
    expect(named("web", spec)).toEqual({ hostname: "db.example.com", domain: "", kernel: "db.example.com" });
  });

  it("is the host's in the host's network", () => {
    expect(named("web", { hostNetwork: true })).toMatchObject({ hostname: "web", kernel: "" });
  });
});
