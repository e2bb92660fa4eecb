import type { HTTPGetAction } from "../../manifest/index.ts";
import { httpGet } from "./http.ts";
import { HttpFailed } from "./http-failure.ts";
import { httpTarget } from "./http-target.ts";
import { handlerPort } from "./port.ts";
import type { HandlerTarget, Limits, Verdict } from "./target.ts";

/** `httpGet` of a probe: 200 to 399 is success, with a warning where the answer would have led us elsewhere. */
export async function httpProbe(
  { container, podIP }: HandlerTarget,
  action: HTTPGetAction,
  limits: Limits,
): Promise<Verdict> {
  const port = handlerPort(action.port, container);
  try {
    const { status, body } = await httpGet(httpTarget(action, { podIP, port, purpose: "probe" }), limits);
    if (status >= 300 && status < 400) {
      return { result: "warning", output: `Probe terminated redirects, Response body: ${body}` };
    }
    if (status >= 200 && status < 300) return { result: "success", output: body };
    // The body may hold what is nobody's business, and events are for everybody.
    return { result: "failure", output: `HTTP probe failed with statuscode: ${status}` };
  } catch (error) {
    if (error instanceof HttpFailed && !error.inBody) return { result: "failure", output: error.message };
    throw error;
  }
}
