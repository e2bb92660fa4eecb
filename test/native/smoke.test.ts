import { expect, test } from "vitest";
import { holder, output, status } from "./harness.ts";

test("a holder pauses", () => {
  const helper = holder();
  expect(status(helper.pid).Name).toBe("pause");
});

test("a container runs and its output lands in the log", () => {
  expect(output({ sh: "echo hello; id -u" })).toBe("hello\n0");
});
