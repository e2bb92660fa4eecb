import { expect, it } from "vitest";
import { requestPath } from "../../../../src/pod/handler/request-path.ts";

it.each([
  ["/healthz", "/healthz"],
  ["healthz", "/healthz"],
  ["", "/"],
  ["/a/../b/./c", "/a/../b/./c"],
  ["/ready?full=1&x=%20", "/ready?full=1&x=%20"],
  ["/page#part", "/page"],
  ["/with space/ä", "/with%20space/%C3%A4"],
  ["/already%2Fescaped", "/already%2Fescaped"],
  ["http://elsewhere:99/x?y", "/x?y"],
  ["//elsewhere/x", "/x"],
  ["/100%/x?y", "/100%25/x%3Fy"],
  ["/line\nbreak", "/line%0Abreak"],
])("%j is asked for as %j", (path, expected) => {
  expect(requestPath(path)).toBe(expected);
});
