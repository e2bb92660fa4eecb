import { expect, it } from "vitest";
import { handlerPort } from "../../../../src/pod/handler/port.ts";

const container = { name: "app", ports: [{ name: "http", containerPort: 8080 }] };

it("is a number, a name of one of the container's ports, or digits", () => {
  expect(handlerPort(80, container)).toBe(80);
  expect(handlerPort("http", container)).toBe(8080);
  expect(handlerPort("81", container)).toBe(81);
});

it.each([
  ["https", 'strconv.Atoi: parsing "https": invalid syntax'],
  [0, "invalid port number: 0"],
  ["65536", "invalid port number: 65536"],
])("%j is none", (port, message) => {
  expect(() => handlerPort(port, container)).toThrow(message);
});
