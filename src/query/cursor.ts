/**
 * @module The cursor of a page: where the next one begins and what it may see. Opaque to clients; base64url of
 *
 * | bytes | what (numbers big-endian) |
 * | --- | --- |
 * | 1 | version, 1 |
 * | 1 | order: 0 ascending, 1 descending |
 * | 8 | digest of the filters |
 * | 8, 4, 8 | position: milliseconds (float64), nanoseconds (uint32), id (float64) |
 * | 8 | horizon: the id below which records are seen (float64) |
 * | 4 | checksum: SHA-256 of all before it, its first bytes |
 *
 * A checksum is enough, a signature not needed: what a token may read is decided anew for each page.
 */

import { createHash } from "node:crypto";
import type { Position } from "../storage/mod.ts";
import { badParameter } from "./_parameters.ts";
import type { LogFilters } from "./filters.ts";

/** The order of records by (timestamp, id). */
export type Order = "asc" | "desc";

/** Where a page begins. */
export interface Cursor {
  readonly order: Order;
  /** Of {@linkcode digestFilters}. */
  readonly digest: bigint;
  /** The last record that was seen. */
  readonly position: Position;
  /** Records with this id or a higher one arrived after the first page. */
  readonly horizon: number;
}

const VERSION = 1;
const CHECKED_BYTES = 38;
const BYTES = CHECKED_BYTES + 4;

/** A cursor as text. */
export function encodeCursor(cursor: Cursor): string {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, cursor.order === "asc" ? 0 : 1);
  view.setBigUint64(2, cursor.digest);
  view.setFloat64(10, cursor.position.ms);
  view.setUint32(18, cursor.position.ns);
  view.setFloat64(22, cursor.position.id);
  view.setFloat64(30, cursor.horizon);
  bytes.set(checksum(bytes), CHECKED_BYTES);
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The cursor that a text holds.
 * @throws {InvalidParameterError} for any text that `encodeCursor` does not make
 */
export function decodeCursor(text: string): Cursor {
  const bytes = /^[A-Za-z0-9_-]{56}$/.test(text)
    ? Uint8Array.fromBase64(text, { alphabet: "base64url" })
    : undefined;
  if (bytes === undefined || !sameBytes(checksum(bytes), bytes.subarray(CHECKED_BYTES))) {
    throw badParameter("cursor", "it is damaged; take the one from a page's Link header unchanged");
  }
  const view = new DataView(bytes.buffer);
  if (view.getUint8(0) !== VERSION) {
    throw badParameter(
      "cursor",
      "another version of the server made it; start from the first page",
    );
  }
  return {
    order: view.getUint8(1) === 0 ? "asc" : "desc",
    digest: view.getBigUint64(2),
    position: { ms: view.getFloat64(10), ns: view.getUint32(18), id: view.getFloat64(22) },
    horizon: view.getFloat64(30),
  };
}

/** A number by which the same filters are known again, whatever the order in which they were given. */
export function digestFilters(filters: LogFilters): bigint {
  const sorted = (values: readonly (string | number)[] | undefined) => values?.toSorted();
  const attributes = (list: LogFilters["attributes"]) =>
    list.map(({ name, values }) => [name, sorted(values)] as const)
      .toSorted(([a], [b]) => a < b ? -1 : 1);
  const { timestampStart, timestampEnd } = filters;
  // null stands for what is absent: every part keeps its place.
  const text = JSON.stringify([
    [timestampStart?.ms, timestampStart?.ns, timestampEnd?.ms, timestampEnd?.ns],
    [filters.receivedStartMs, filters.receivedEndMs],
    [sorted(filters.services), sorted(filters.notServices)],
    [sorted(filters.severities), sorted(filters.notSeverities), filters.minSeverity],
    sorted(filters.traceIds),
    [attributes(filters.attributes), attributes(filters.notAttributes)],
    filters.textSource,
  ]);
  return createHash("sha256").update(text).digest().readBigUInt64BE(0);
}

function checksum(bytes: Uint8Array): Uint8Array {
  const checked = bytes.subarray(0, CHECKED_BYTES);
  return new Uint8Array(createHash("sha256").update(checked).digest().subarray(0, 4));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
