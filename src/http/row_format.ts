import { parseRowFormat, type RowFormat } from "../query/mod.ts";
import { chooseType } from "./accept.ts";
import { HttpError } from "./errors.ts";

const TYPES: Readonly<Record<RowFormat, string>> = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: "text/csv",
};
const FORMATS = Object.keys(TYPES) as RowFormat[];

/**
 * The format that a request wants: its parameter says, or else its header `Accept`.
 * @throws {InvalidParameterError} for an unknown one
 * @throws {HttpError} 406, if the header names none that there is
 */
export function rowFormat(query: URLSearchParams, accept: string | null): RowFormat {
  const given = parseRowFormat(query);
  if (given !== undefined) return given;
  const type = chooseType(accept, FORMATS.map((format) => TYPES[format]));
  const format = FORMATS.find((one) => TYPES[one] === type);
  if (format !== undefined) return format;
  const types = Object.values(TYPES).join(", ");
  throw new HttpError(406, `Records can be had as ${types}: accept one of them`);
}

/** Whether a request names its format as links do: then a browser is to save the answer. */
export function isLink(query: URLSearchParams): boolean {
  return parseRowFormat(query) !== undefined;
}

/** The `Content-Disposition` of a file that is named after a moment, in milliseconds since the Unix epoch. */
export function attachment(format: RowFormat, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, "");
  return `attachment; filename="logs-${stamp}Z.${format}"`;
}
