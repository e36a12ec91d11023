import type { ApiRecord } from "./_record_line.ts";

/** The forms an export can have. */
export type ExportFormat = "ndjson" | "csv";

/** The columns of a CSV export, as the API has them. */
const CSV_COLUMNS = [
  "id",
  "timestamp",
  "service",
  "severity",
  "message",
  "received_at",
  "trace_id",
  "span_id",
  "attributes",
] as const;

/** What stands before the first record. */
export function exportHead(format: ExportFormat): string {
  return format === "csv" ? `${CSV_COLUMNS.join(",")}\r\n` : "";
}

/** Records as lines of an export, the same as the API streams them. */
export function exportText(records: readonly ApiRecord[], format: ExportFormat): string {
  const line = format === "csv" ? csvLine : (record: ApiRecord) => `${JSON.stringify(record)}\n`;
  return records.map(line).join("");
}

function csvLine(record: ApiRecord): string {
  const cells = CSV_COLUMNS.map((name) => {
    const value = record[name];
    if (value === undefined) return "";
    return csvCell(typeof value === "object" ? JSON.stringify(value) : String(value));
  });
  return `${cells.join(",")}\r\n`;
}

/** A cell as RFC 4180 writes it. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
