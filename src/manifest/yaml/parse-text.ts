import { type Document, parseDocument } from "yaml";

export const parseText = (text: string): Document.Parsed =>
  parseDocument(text, {
    // All scalars as text: the rules for them are Kubernetes', in scalar.ts.
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
