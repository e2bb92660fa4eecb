/**
 * Which test shows that a field is honoured: the test's file below test/, words of its title as they stand in the file
 * (the id, for what Kubernetes promises), and the fields, as lines of a type and its fields (`*`: all of the type).
 */
export type Proof = readonly [file: string, title: string, ...fields: string[]];

const rowsOf =
  (folder: string) =>
  (name: string, ...rows: [title: string, ...fields: string[]][]): Proof[] =>
    rows.map(([title, ...fields]) => [`${folder}/${name}.test.ts`, title, ...fields]);

/** Proofs from one area of the conformance set. */
export const conformance = rowsOf("conformance");

/** Proofs from the tests of one controller. */
export const workload = rowsOf("unit/workload");
