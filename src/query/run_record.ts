import type { RowRef } from "../record.ts";
import type { Snapshot } from "../storage/mod.ts";
import { integerValue } from "./_parameters.ts";
import { CONTEXT_DEFAULT, CONTEXT_MAX } from "./limits.ts";
import { type ReadScope, scopeAllows } from "./plan.ts";
import { positionOf } from "./run_page.ts";

/** A record and its neighbours in the same service, all in ascending order of (timestamp, id). */
export interface RecordContext {
  readonly before: RowRef[];
  readonly record: RowRef;
  readonly after: RowRef[];
}

/** The parameters that {@linkcode parseContextOptions} reads. */
export const CONTEXT_PARAMETERS: readonly string[] = ["before", "after"];

/**
 * Reads how many neighbours a request wants on each side.
 * @throws {InvalidParameterError} for a bad value
 */
export function parseContextOptions(params: URLSearchParams): { before: number; after: number } {
  return {
    before: integerValue(params, "before", 0, CONTEXT_MAX) ?? CONTEXT_DEFAULT,
    after: integerValue(params, "after", 0, CONTEXT_MAX) ?? CONTEXT_DEFAULT,
  };
}

/** The record with this id; `undefined` if there is none within the scope. */
export async function readRecord(
  snapshot: Snapshot,
  id: number,
  scope: ReadScope,
): Promise<RowRef | undefined> {
  const record = await snapshot.get(id);
  return record !== undefined && scopeAllows(scope, serviceOf(record)) ? record : undefined;
}

/** A record with its neighbours; `undefined` if there is no such record within the scope. */
export async function readContext(
  snapshot: Snapshot,
  id: number,
  scope: ReadScope,
  before: number,
  after: number,
): Promise<RecordContext | undefined> {
  const record = await readRecord(snapshot, id, scope);
  if (record === undefined) return undefined;
  const earlier = await neighbours(snapshot, record, "desc", before);
  return {
    before: earlier.reverse(),
    record,
    after: await neighbours(snapshot, record, "asc", after),
  };
}

async function neighbours(
  snapshot: Snapshot,
  record: RowRef,
  order: "asc" | "desc",
  count: number,
): Promise<RowRef[]> {
  if (count === 0) return [];
  const services = [serviceOf(record)];
  return await snapshot.scan({ services, order, after: positionOf(record) }).next(count);
}

function serviceOf({ columns, row }: RowRef): string {
  return columns.streams[columns.streamOf[row]!]!.service;
}
