import type { Check } from "./check.ts";

/** No `..` as a part of the path. */
export function checkNoBacksteps(check: Check, path: string, value: string): void {
  if (value.split("/").includes(".."))
    check.invalid(path, value, "must not contain '..'", {
      help: "name the place itself: no path leads out of a volume or above a folder",
    });
}

/** Relative, and no `..` in it: for what must stay inside a volume or folder. */
export function checkDescending(check: Check, path: string, value: string): void {
  if (value.startsWith("/")) check.invalid(path, value, "must be a relative path");
  checkNoBacksteps(check, path, value);
}

/** As checkDescending; names that begin with `..` are the atomic writer's own. */
export function checkLocalNonReserved(check: Check, path: string, value: string): void {
  checkDescending(check, path, value);
  if (value.startsWith("..") && !value.startsWith("../"))
    check.invalid(path, value, "must not start with '..'");
}

export function checkMode(check: Check, path: string, mode: number | undefined): void {
  if (mode === undefined) return;
  if (mode < 0 || mode > 0o777) {
    // 644 without the leading zero is 01204 in octal: nobody means that.
    const meant = /^[0-7]{3}$/.test(String(mode))
      ? { help: `did you mean 0${mode}? Octal numbers begin with 0` }
      : {};
    check.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive", meant);
  }
}
