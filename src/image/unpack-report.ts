/** One record of tspod-unpack's report: NUL-ended fields, the first its kind. Paths are bytes, not always UTF-8. */
export interface UnpackRecord {
  kind: string;
  fields: Buffer[];
}

/** Cuts the report into its records; each ends with an empty field. What is cut short is dropped. */
export function readRecords(report: Buffer): UnpackRecord[] {
  const records: UnpackRecord[] = [];
  let fields: Buffer[] = [];
  for (let at = 0; at < report.length; ) {
    const end = report.indexOf(0, at);
    if (end === -1) break;
    const field = report.subarray(at, end);
    at = end + 1;
    if (field.length > 0) fields.push(field);
    else {
      records.push({ kind: String(fields[0] ?? ""), fields });
      fields = [];
    }
  }
  return records;
}
