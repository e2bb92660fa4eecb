import { configKeyFaults, dnsSubdomainFaults, envNameFaults } from "../formats.ts";
import type { Container, EnvVar, FileKeySelector, PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkFieldRef, checkResourceFieldRef } from "./downward.ts";
import { checkLocalNonReserved } from "./paths.ts";

/** Rules for env and envFrom (ValidateEnv, ValidateEnvFrom). */
export function checkEnv(check: Check, path: string, { env, envFrom }: Container, spec: PodSpec): void {
  const lines = new Set<string>();
  for (const [i, variable] of (env ?? []).entries()) {
    const at = `${path}.env[${i}]`;
    if (variable.name === "") check.required(`${at}.name`);
    else if (variable.name !== undefined) {
      check.invalidAll(`${at}.name`, variable.name, envNameFaults(variable.name));
      if (lines.has(variable.name))
        check.warning(
          "TS3011",
          `${at}.name`,
          `hides previous definition of "${variable.name}": the last one wins`,
        );
      lines.add(variable.name);
    }
    if (variable.valueFrom !== undefined) checkValueFrom(check, `${at}.valueFrom`, variable, spec);
  }
  for (const [i, source] of (envFrom ?? []).entries()) {
    const at = `${path}.envFrom[${i}]`;
    if (source.prefix) check.invalidAll(`${at}.prefix`, source.prefix, envNameFaults(source.prefix));
    for (const kind of ["configMapRef", "secretRef"] as const) {
      const ref = source[kind];
      if (ref === undefined) continue;
      if (!ref.name) check.required(`${at}.${kind}.name`);
      else check.invalidAll(`${at}.${kind}.name`, ref.name, dnsSubdomainFaults(ref.name));
    }
    const count = Number(source.configMapRef !== undefined) + Number(source.secretRef !== undefined);
    if (count === 0 && !check.hasBroken(at))
      check.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`", {
        help: "say where the variables come from: configMapRef: {name: settings}",
      });
    if (count > 1) check.invalid(at, "", "may not have more than one field specified at a time");
  }
}

function checkValueFrom(check: Check, path: string, { value, valueFrom = {} }: EnvVar, spec: PodSpec): void {
  const kinds = Object.keys(valueFrom);
  if (valueFrom.fieldRef) checkFieldRef(check, `${path}.fieldRef`, valueFrom.fieldRef);
  if (valueFrom.resourceFieldRef)
    checkResourceFieldRef(check, `${path}.resourceFieldRef`, valueFrom.resourceFieldRef);
  for (const kind of ["configMapKeyRef", "secretKeyRef"] as const) {
    const ref = valueFrom[kind];
    if (ref === undefined) continue;
    check.invalidAll(`${path}.${kind}.name`, ref.name ?? "", dnsSubdomainFaults(ref.name ?? ""));
    if (ref.key === "") check.required(`${path}.${kind}.key`);
    else if (ref.key !== undefined)
      check.invalidAll(`${path}.${kind}.key`, ref.key, configKeyFaults(ref.key));
  }
  if (valueFrom.fileKeyRef) checkFileKey(check, `${path}.fileKeyRef`, valueFrom.fileKeyRef, spec);
  if (kinds.length === 0 && !check.hasBroken(path))
    check.invalid(
      path,
      "",
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
    );
  else if (kinds.length > 0 && value)
    check.invalid(path, "", "may not be specified when `value` is not empty", {
      help: "a variable has one source: keep value, or valueFrom",
    });
  else if (kinds.length > 1) check.invalid(path, "", "may not have more than one field specified at a time");
}

/** A variable from a file that an init container has written into an emptyDir (validateFileKeySelector). */
function checkFileKey(
  check: Check,
  path: string,
  { key, path: file, volumeName }: FileKeySelector,
  { volumes = [] }: PodSpec,
): void {
  if (key === "") check.required(`${path}.key`);
  else if (key !== undefined) check.invalidAll(`${path}.key`, key, envNameFaults(key));
  if (file === "") check.required(`${path}.path`);
  else if (file !== undefined) checkLocalNonReserved(check, `${path}.path`, file);
  if (volumeName === "") check.required(`${path}.volumeName`);
  if (!volumeName || check.hasBroken("spec.volumes")) return;
  const names = volumes.flatMap(({ name }) => name ?? []);
  const volume = volumes.find(({ name }) => name === volumeName);
  if (volume === undefined) check.notFound(`${path}.volumeName`, volumeName, names, "spec.volumes");
  else if (volume.emptyDir === undefined)
    check.invalid(`${path}.volumeName`, volumeName, "referenced volume must be of type emptyDir");
}
