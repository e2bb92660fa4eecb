/**
 * Which test shows that a field is honoured: the test's file below test/, words of its title as they stand in the file,
 * and the fields, as lines of a type and its fields (`*`: all of the type). A test checks that the titles are there, and
 * docs/fields.md is written from it. What is ignored, refused or dropped needs no line here.
 */
export const PROOFS: readonly (readonly [file: string, title: string, ...fields: string[]])[] = [];
