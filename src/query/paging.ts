import { choiceValue, integerValue, singleValue } from "./_parameters.ts";
import { decodeCursor, type Order } from "./cursor.ts";
import { PAGE_LIMIT_MAX } from "./limits.ts";
import type { RowFormat } from "./row_writer.ts";

/** The parameters that {@linkcode parsePaging} reads. */
export const PAGING_PARAMETERS: readonly string[] = ["limit", "order", "cursor"];

/** Which part of the matches a request wants. */
export interface Paging {
  /** Records at most; `undefined` if the request does not say. */
  readonly limit: number | undefined;
  readonly order: Order;
  readonly cursor: string | undefined;
}

/** The parameters that {@linkcode parseRowFormat} reads. */
export const FORMAT_PARAMETERS: readonly string[] = ["format"];

/**
 * Reads `format`, which stands for the header `Accept` in links; `undefined` if it is not given.
 * @throws {InvalidParameterError} for an unknown one
 */
export function parseRowFormat(params: URLSearchParams): RowFormat | undefined {
  return choiceValue(params, "format", ["json", "ndjson", "csv"]);
}

/**
 * Reads `limit`, `order` (newest first if absent; a cursor's own if there is one) and `cursor`.
 * @throws {InvalidParameterError} for a bad value
 */
export function parsePaging(params: URLSearchParams): Paging {
  const cursor = singleValue(params, "cursor");
  const order = choiceValue(params, "order", ["asc", "desc"]);
  return {
    limit: integerValue(params, "limit", 1, PAGE_LIMIT_MAX),
    order: order ?? (cursor === undefined ? "desc" : decodeCursor(cursor).order),
    cursor,
  };
}
