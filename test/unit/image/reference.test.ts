import { describe, expect, it } from "vitest";
import {
  defaultPullPolicy,
  familiarReference,
  formatReference,
  parseReference,
} from "../../../src/image/reference.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;

describe("image references resolve as Docker's do", () => {
  it.each([
    ["busybox", "docker.io/library/busybox:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["bitnami/redis", "docker.io/bitnami/redis:latest"],
    ["docker.io/busybox", "docker.io/library/busybox:latest"],
    ["index.docker.io/busybox", "docker.io/library/busybox:latest"],
    ["ghcr.io/o/r:tag", "ghcr.io/o/r:tag"],
    ["localhost/busybox", "localhost/busybox:latest"],
    ["localhost:5000/x", "localhost:5000/x:latest"],
    ["127.0.0.1:5000/a/b/c:1", "127.0.0.1:5000/a/b/c:1"],
    ["[::1]:5000/x", "[::1]:5000/x:latest"],
    ["UPPER/x", "UPPER/x:latest"],
    [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
    [`nginx:1@${DIGEST}`, `docker.io/library/nginx:1@${DIGEST}`],
    ["a__b--c.d_e", "docker.io/library/a__b--c.d_e:latest"],
  ])("%s is %s", (written, whole) => {
    expect(formatReference(parseReference(written))).toBe(whole);
  });

  it.each([
    "",
    "Nginx",
    "nginx:",
    "nginx:-x",
    "a//b",
    "/a",
    "a/",
    "nginx@sha256:abc",
    `nginx@sha256:${"AB".repeat(32)}`,
    "a___b",
    "../x",
    "a b",
    "ghcr.io/..",
    "host..x.io/a",
    "a".repeat(256),
    "ab".repeat(32),
    "nginx:1:2",
    `x:${"t".repeat(129)}`,
  ])("%j is refused with TS6001 and exit code 2", (written) => {
    const parse = () => parseReference(written);
    expect(parse).toThrow(expect.objectContaining({ code: "TS6001", exitCode: 2 }));
    expect(parse).toThrow(/couldn't parse image name/);
  });

  it("a table sends short names elsewhere", () => {
    const names = { defaultRegistry: "registry.example", aliases: { nginx: "ghcr.io/mirror/nginx" } };
    expect(formatReference(parseReference("nginx:1", names))).toBe("ghcr.io/mirror/nginx:1");
    expect(formatReference(parseReference("redis", names))).toBe("registry.example/redis:latest");
  });

  it.each([
    ["docker.io/library/nginx:1", "nginx:1"],
    ["docker.io/bitnami/redis:7", "bitnami/redis:7"],
    ["ghcr.io/o/r:1", "ghcr.io/o/r:1"],
  ])("%s is shown as %s", (whole, short) => {
    expect(familiarReference(parseReference(whole))).toBe(short);
  });

  it.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["nginx:1", "IfNotPresent"],
    [`nginx@${DIGEST}`, "IfNotPresent"],
    [`nginx:latest@${DIGEST}`, "IfNotPresent"],
  ])("the default pull policy of %s is %s", (written, policy) => {
    expect(defaultPullPolicy(written)).toBe(policy);
  });
});
