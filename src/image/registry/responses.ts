import type { IncomingMessage } from "node:http";
import { imageError } from "../errors.ts";
import { readBody } from "./http.ts";
import { TransientError } from "./retry.ts";

const MAX_ERROR_BYTES = 64 << 10;
/** Timeout, too early, too many requests, and what servers and proxies say when they are overloaded. */
const TRANSIENT = [408, 425, 429, 500, 502, 503, 504];

/** The error that a registry's refusal is, with its own words (distribution spec, "Error Codes"). */
export async function failedResponse(response: IncomingMessage, what: string, host: string): Promise<Error> {
  const { statusCode = 0, headers } = response;
  const said = await words(response);
  if (TRANSIENT.includes(statusCode))
    return new TransientError(`${host} answered ${statusCode}${said}`, headers["retry-after"]);
  if (statusCode === 404)
    return imageError("notInRegistry", `${host} has no ${what}${said}`, {
      hint: "check the name and the tag",
    });
  if (statusCode === 403) return imageError("registryDenied", `${host} denies access to ${what}${said}`);
  return imageError("pullFailed", `${host} answered ${statusCode} for ${what}${said}`);
}

async function words(response: IncomingMessage): Promise<string> {
  try {
    const { errors } = JSON.parse((await readBody(response, MAX_ERROR_BYTES)).toString("utf8")) as {
      errors?: { code?: string; message?: string }[];
    };
    const [first] = errors ?? [];
    const text = [first?.code, first?.message].filter((part) => typeof part === "string").join(": ");
    // What a registry says is printed to a terminal: control characters stay out of it.
    return text === "" ? "" : ` (${text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)})`;
  } catch {
    return "";
  }
}
