import { dnsLabelFaults } from "../formats.ts";
import type { Container, PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkEnv } from "./env.ts";
import { lowerCase } from "./meta.ts";
import { checkMounts } from "./mounts.ts";
import { checkPorts } from "./ports.ts";
import { checkLifecycle, checkProbes } from "./probes.ts";
import { checkResources } from "./resources.ts";
import { checkResize, checkRestart } from "./restart.ts";
import { checkContainerSecurity } from "./security.ts";

const ONLY_SIDECARS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** Rules for containers and init containers (validateContainers, validateInitContainers). */
export function checkContainers(check: Check, spec: PodSpec): void {
  if (spec.containers?.length === 0)
    check.required("spec.containers", "", { help: "a pod has at least one container" });
  const names = new Set<string>();
  for (const [i, container] of (spec.containers ?? []).entries()) {
    const path = `spec.containers[${i}]`;
    checkContainer(check, path, container, spec);
    checkName(check, path, container, names);
    checkProbes(check, path, container);
    checkLifecycle(check, path, container, spec);
  }
  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    const path = `spec.initContainers[${i}]`;
    checkContainer(check, path, container, spec);
    checkName(check, path, container, names);
    if (container.restartPolicy === "Always") {
      checkProbes(check, path, container);
      checkLifecycle(check, path, container, spec);
    } else
      for (const field of ONLY_SIDECARS)
        if (container[field] !== undefined)
          check.forbidden(
            `${path}.${field}`,
            "may not be set for init containers without restartPolicy=Always",
            {
              help: "an init container has ended before the others start; with restartPolicy: Always it is a sidecar, and runs beside them",
            },
          );
  }
  if (spec.ephemeralContainers?.length)
    check.forbidden("spec.ephemeralContainers", "cannot be set on create", {
      help: "they are added to a running pod: tspod debug",
    });
}

function checkName(check: Check, path: string, { name }: Container, names: Set<string>): void {
  if (name === "") check.required(`${path}.name`);
  else if (name !== undefined) {
    check.invalidAll(`${path}.name`, name, dnsLabelFaults(name), lowerCase(name));
    if (names.has(name))
      check.duplicate(`${path}.name`, name, {
        help: "give each container a name of its own, init containers too",
      });
    names.add(name);
  }
}

function checkContainer(check: Check, path: string, container: Container, spec: PodSpec): void {
  const { image } = container;
  if (!image) check.required(`${path}.image`, "", { help: "the image to run, for example image: busybox" });
  else if (image !== image.trim())
    check.invalid(`${path}.image`, image, "must not have leading or trailing whitespace", {
      help: `write ${image.trim()}`,
    });
  check.oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ["Always", "IfNotPresent", "Never"]);
  check.oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, [
    "File",
    "FallbackToLogsOnError",
  ]);
  checkPorts(check, path, container);
  checkEnv(check, path, container, spec);
  checkMounts(check, path, container, spec);
  checkResources(check, `${path}.resources`, container.resources);
  checkResize(check, path, container, spec);
  checkRestart(check, path, container);
  checkContainerSecurity(check, path, container, spec);
}
