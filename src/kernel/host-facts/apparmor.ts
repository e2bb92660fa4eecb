import { type FactSource, hostSource } from "./source.ts";

/** Whether AppArmor is in force on this host. */
export function appArmorEnabled(source: FactSource = hostSource): boolean {
  return source.read("/sys/module/apparmor/parameters/enabled")?.trim() === "Y";
}

/** Names of the loaded profiles: lines `NAME (enforce)`; a name may have blanks. Root only. */
export function appArmorProfiles(source: FactSource = hostSource): string[] {
  return (source.read("/sys/kernel/security/apparmor/profiles") ?? "")
    .split("\n")
    .map((line) => line.replace(/ \([a-z]+\)$/, ""))
    .filter((name) => name !== "");
}
