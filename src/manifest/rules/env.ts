import { configKeyFaults, dnsSubdomainFaults, envNameFaults } from "../formats.ts";
import type { Container, EnvVar } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkFieldRef, checkResourceFieldRef } from "./downward.ts";

/** Rules for env and envFrom (ValidateEnv, ValidateEnvFrom). */
export function checkEnv(check: Check, path: string, { env, envFrom }: Container): void {
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
    if (variable.valueFrom !== undefined) checkValueFrom(check, `${at}.valueFrom`, variable);
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
    if (count === 0)
      check.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`", {
        help: "say where the variables come from: configMapRef: {name: settings}",
      });
    if (count > 1) check.invalid(at, "", "may not have more than one field specified at a time");
  }
}

function checkValueFrom(check: Check, path: string, { value, valueFrom = {} }: EnvVar): void {
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
  if (kinds.length === 0)
    check.invalid(
      path,
      "",
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
    );
  else if (value)
    check.invalid(path, "", "may not be specified when `value` is not empty", {
      help: "a variable has one source: keep value, or valueFrom",
    });
  else if (kinds.length > 1) check.invalid(path, "", "may not have more than one field specified at a time");
}
