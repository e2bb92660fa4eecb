import { CONTAINERS } from "./containers.ts";
import { PODS } from "./pods.ts";
import type { Proof } from "./proof.ts";
import { SECURITY } from "./security.ts";
import { VOLUMES } from "./volumes.ts";
import { WORKLOADS } from "./workloads.ts";

/**
 * The tests that show which fields are honoured. A test checks that their titles are there, and docs/fields.md is written
 * from them. What is ignored, refused or dropped needs no line: one table tries every such field.
 */
export const PROOFS: readonly Proof[] = [...CONTAINERS, ...PODS, ...SECURITY, ...VOLUMES, ...WORKLOADS];
