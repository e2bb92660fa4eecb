import type { HTTPGetAction } from "../../manifest/index.ts";
import { httpGet } from "../handler/http.ts";
import { HttpFailed } from "../handler/http-failure.ts";
import { type HttpTarget, httpTarget } from "../handler/http-target.ts";
import { handlerPort } from "../handler/port.ts";
import type { HandlerTarget, Limits } from "../handler/target.ts";

/**
 * `httpGet` of a hook: any answer is success, whatever its status. A server that answers a request over TLS in plain
 * text is asked again in plain text, without the credentials, as the kubelet does since it speaks TLS at all.
 */
export async function httpHook(
  { container, podIP }: HandlerTarget,
  action: HTTPGetAction,
  limits: Limits,
): Promise<void> {
  if (!action.host && podIP === "") throw new Error("failed to find networking container");
  const port = handlerPort(action.port, container);
  const target = httpTarget(action, { podIP, port, purpose: "lifecycle" });
  try {
    await answered(target, limits);
  } catch (error) {
    if (!(error instanceof HttpFailed && error.plainAnswer)) throw error;
    const headers = new Map(target.headers);
    headers.delete("Authorization");
    await answered({ ...target, secure: false, headers }, limits);
  }
}

/** An answer whose body breaks off is one all the same. */
async function answered(target: HttpTarget, limits: Limits): Promise<void> {
  await httpGet(target, limits).catch((error: unknown) => {
    if (!(error instanceof HttpFailed && error.inBody)) throw error;
  });
}
