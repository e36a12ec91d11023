import type { RowRef } from "../record.ts";
import type { OrderedScanSpec, Position, RecordScan, Snapshot } from "../storage/mod.ts";
import { badParameter } from "./_parameters.ts";
import { decodeCursor, digestFilters, encodeCursor, type Order } from "./cursor.ts";
import type { LogFilters } from "./filters.ts";
import { CHUNK_ROWS, PAGE_TEXT_BYTES_MAX } from "./limits.ts";
import { planScan, type ReadScope } from "./plan.ts";

/** Some matches in order. */
export interface Page {
  readonly rows: RowRef[];
  /** Where the next page begins; `undefined` on the last one. */
  readonly nextCursor: string | undefined;
}

/** Which page to read. */
export interface PageOptions {
  /** Records at most. A page may end earlier when its texts grow large, and then has a cursor. */
  readonly limit: number;
  readonly order: Order;
  readonly cursor?: string | undefined;
}

/**
 * Reads one page of the matches. Its cursor leads on to the rest of what matched when the first page was read: what
 * arrives later never appears.
 * @throws {InvalidParameterError} for a cursor that does not go with the filters and the order
 */
export async function readPage(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  options: PageOptions,
): Promise<Page> {
  // Most pages neither come from a cursor nor lead to another.
  let known: bigint | undefined;
  const digest = () => known ??= digestFilters(filters);
  const { spec, horizon } = startAt(snapshot, filters, scope, options, digest);
  const { rows, more } = await takePage(snapshot.scan(spec), options.limit);
  if (!more) return { rows, nextCursor: undefined };
  const position = positionOf(rows.at(-1)!);
  const cursor = { order: options.order, digest: digest(), position, horizon };
  return { rows, nextCursor: encodeCursor(cursor) };
}

/** Which matches to stream. */
export interface StreamOptions {
  readonly order: Order;
  /** Records at most; absent: every match. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * Reads the matches in chunks of bounded size, holding no more than one.
 * @throws {InvalidParameterError} at the first step, for a cursor that does not go with the filters and the order
 */
export async function* readAll(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  options: StreamOptions,
): AsyncGenerator<RowRef[]> {
  const { spec } = startAt(snapshot, filters, scope, options, () => digestFilters(filters));
  const scan = snapshot.scan(spec);
  let left = options.limit ?? Infinity;
  while (left > 0) {
    const asked = Math.min(left, CHUNK_ROWS);
    const rows = await scan.next(asked);
    if (rows.length > 0) yield rows;
    if (rows.length < asked) return;
    left -= asked;
  }
}

/** A row's place in the order of records. */
export function positionOf({ columns, row }: RowRef): Position {
  return {
    ms: columns.timestampMs[row]!,
    ns: columns.timestampNs?.[row] ?? 0,
    id: columns.ids[row]!,
  };
}

function startAt(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  { order, cursor: text }: StreamOptions,
  digest: () => bigint,
): { spec: OrderedScanSpec; horizon: number } {
  const spec: OrderedScanSpec = { ...planScan(snapshot, filters, scope), order };
  if (text === undefined) return { spec, horizon: snapshot.nextId };
  const cursor = decodeCursor(text);
  if (cursor.digest !== digest()) {
    throw badParameter("cursor", "it comes from a page with other filters; give the same again");
  }
  if (cursor.order !== order) {
    throw badParameter("cursor", `it comes from a page with order ${cursor.order}; give the same`);
  }
  const { horizon, position } = cursor;
  return { spec: { ...spec, after: position, idTo: horizon - 1 }, horizon };
}

/** The next matches, at most `limit` and `PAGE_TEXT_BYTES_MAX` bytes of text, and whether more follow. */
async function takePage(
  scan: RecordScan,
  limit: number,
): Promise<{ rows: RowRef[]; more: boolean }> {
  const rows: RowRef[] = [];
  let bytes = 0;
  while (true) {
    // One more than the page holds tells whether another follows.
    const asked = Math.min(limit + 1 - rows.length, CHUNK_ROWS);
    const chunk = await scan.next(asked);
    for (const row of chunk) {
      bytes += textBytes(row);
      const full = rows.length === limit || (bytes > PAGE_TEXT_BYTES_MAX && rows.length > 0);
      if (full) return { rows, more: true };
      rows.push(row);
    }
    if (chunk.length < asked) return { rows, more: false };
  }
}

function textBytes({ columns, row }: RowRef): number {
  let bytes = 0;
  for (const { offsets } of columns.texts.values()) bytes += offsets[row + 1]! - offsets[row]!;
  return bytes;
}
