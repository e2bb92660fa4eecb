import { headerNameFaults, portNameFaults, portNumberFaults } from "../formats.ts";
import type { Container, HTTPGetAction, LifecycleHandler, PodSpec, Probe } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkStopSignal } from "./stop-signal.ts";

const COUNTS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

interface Handler extends LifecycleHandler {
  grpc?: { port: number; service?: string };
}

/** Rules for the three probes of a container (validateLivenessProbe and its siblings). */
export function checkProbes(check: Check, path: string, container: Container): void {
  for (const kind of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = container[kind];
    if (probe === undefined) continue;
    const at = `${path}.${kind}`;
    checkProbe(check, at, probe, container);
    if (kind === "readinessProbe") {
      if (probe.terminationGracePeriodSeconds !== undefined)
        check.invalid(
          `${at}.terminationGracePeriodSeconds`,
          probe.terminationGracePeriodSeconds,
          "must not be set for readinessProbes",
          { help: "nothing is ended when a pod is not ready: remove it" },
        );
    } else if ((probe.successThreshold ?? 1) !== 1)
      check.invalid(`${at}.successThreshold`, probe.successThreshold, "must be 1", {
        help: "only a readinessProbe may ask for more",
      });
  }
}

function checkProbe(check: Check, path: string, probe: Probe, container: Container): void {
  checkHandler(check, path, probe, { container });
  for (const field of COUNTS)
    if ((probe[field] ?? 0) < 0)
      check.invalid(`${path}.${field}`, probe[field], "must be greater than or equal to 0");
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    check.invalid(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0");
}

/** Rules for the hooks of a container (validateLifecycle). */
export function checkLifecycle(check: Check, path: string, container: Container, spec: PodSpec): void {
  const grace = spec.terminationGracePeriodSeconds;
  checkStopSignal(check, path, container, spec);
  for (const kind of ["postStart", "preStop"] as const) {
    const handler = container.lifecycle?.[kind];
    if (handler !== undefined)
      checkHandler(check, `${path}.lifecycle.${kind}`, handler, { container, grace, hook: true });
  }
}

function checkHandler(
  check: Check,
  path: string,
  handler: Handler,
  { container, grace, hook = false }: { container: Container; grace?: number | undefined; hook?: boolean },
): void {
  const kinds = HANDLERS.filter((kind) => handler[kind] !== undefined);
  for (const kind of kinds.slice(1))
    check.forbidden(`${path}.${kind}`, "may not specify more than 1 handler type", {
      help: `keep one of ${kinds.join(", ")}`,
    });
  if (kinds.length === 0 && !check.hasBroken(path))
    check.required(path, "must specify a handler type", {
      help: hook ? "one of exec, httpGet, sleep" : "one of exec, httpGet, tcpSocket, grpc",
    });
  if (handler.exec && (handler.exec.command ?? []).length === 0) check.required(`${path}.exec.command`);
  if (handler.httpGet) checkHttpGet(check, `${path}.httpGet`, handler.httpGet, container);
  if (handler.tcpSocket) checkPort(check, `${path}.tcpSocket.port`, handler.tcpSocket.port, container);
  if (handler.grpc) checkPort(check, `${path}.grpc.port`, handler.grpc.port, container);
  if (handler.sleep && grace !== undefined && (handler.sleep.seconds < 0 || handler.sleep.seconds > grace))
    check.invalid(
      `${path}.sleep`,
      handler.sleep.seconds,
      `must be non-negative and less than terminationGracePeriodSeconds (${grace})`,
      {
        at: `${path}.sleep.seconds`,
        help: "sleep for less, or give the pod a longer terminationGracePeriodSeconds",
      },
    );
}

function checkHttpGet(check: Check, path: string, action: HTTPGetAction, container: Container): void {
  checkPort(check, `${path}.port`, action.port, container);
  check.oneOf(`${path}.scheme`, action.scheme, ["HTTP", "HTTPS"]);
  for (const [i, header] of (action.httpHeaders ?? []).entries())
    if (header.name !== undefined)
      check.invalidAll(`${path}.httpHeaders`, header.name, headerNameFaults(header.name), {
        at: `${path}.httpHeaders[${i}].name`,
      });
}

function checkPort(
  check: Check,
  path: string,
  port: number | string | undefined,
  container: Container,
): void {
  if (port === undefined) return;
  if (typeof port === "number") {
    check.invalidAll(path, port, portNumberFaults(port));
    return;
  }
  const faults = portNameFaults(port);
  const digits = /^\d+$/.test(port) ? { help: `remove the quotes: ${port}` } : {};
  check.invalidAll(path, port, faults, digits);
  // The kubelet finds this out when the probe runs; here it can be said at once.
  const names = (container.ports ?? []).flatMap(({ name }) => name ?? []);
  if (faults.length === 0 && !names.includes(port)) check.notFound(path, port, names, "ports");
}
