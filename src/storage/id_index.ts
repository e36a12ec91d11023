/**
 * @module The id index: for every block of 16,384 ids, which timestamps and times of receipt its records have.
 *
 * It points to times and not to segments, so that compaction never has to rewrite it; a block only ever widens.
 */

import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { isDamage } from "./repair/damage.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { idBlockKey, idBlockRange, type Key } from "./keys.ts";
import { ID_BLOCK_BITS } from "./limits.ts";
import type { Selection } from "./selection.ts";

/** The span of a block of ids; milliseconds since the Unix epoch, inclusive. */
export interface IdBlock {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly firstReceivedMs: number;
  readonly lastReceivedMs: number;
}

/** More blocks than this (a million records) are not looked up: the time index alone serves as well. */
const BLOCKS_MAX = 64;

/** The document of a block: its number binds it to its key. */
export function encodeIdBlock(block: number, span: IdBlock): Uint8Array {
  return encodeDocument({ block, ...span });
}

/** @throws {CorruptDataError} it is damaged, or another block's */
export function decodeIdBlock({ key, value }: Pick<Entry, "key" | "value">): IdBlock {
  const { block = key[2], firstMs, lastMs, firstReceivedMs, lastReceivedMs } = decodeDocument(
    value,
  ) as IdBlock & { block?: number };
  if (block !== key[2]) {
    throw new CorruptDataError(`Cannot read block ${key[2]} of the ids: it is block ${block}`);
  }
  return { firstMs, lastMs, firstReceivedMs, lastReceivedMs };
}

/** The block of an id. */
export function idBlockOf(id: number): number {
  return Math.floor(id / 2 ** ID_BLOCK_BITS);
}

/** The last id of a block. */
export function lastIdOf(block: number): number {
  return (block + 1) * 2 ** ID_BLOCK_BITS - 1;
}

/** The smallest span that holds both. */
export function widenBlock(a: IdBlock | undefined, b: IdBlock): IdBlock {
  if (a === undefined) return b;
  return {
    firstMs: Math.min(a.firstMs, b.firstMs),
    lastMs: Math.max(a.lastMs, b.lastMs),
    firstReceivedMs: Math.min(a.firstReceivedMs, b.firstReceivedMs),
    lastReceivedMs: Math.max(a.lastReceivedMs, b.lastReceivedMs),
  };
}

/**
 * The timestamps among which a selection by ids or by time of receipt has to look in segments: `undefined` if these do
 * not narrow it, an empty range (from after to) if nothing in segments can match.
 */
export async function timesOfIds(
  database: Database,
  selection: Selection,
  onDamage: (key: Key, error: Error) => void = () => {},
): Promise<{ fromMs: number; toMs: number } | undefined> {
  try {
    return await findTimes(database, selection);
  } catch (error) {
    if (!(error instanceof BlockError)) throw error;
    onDamage(idBlockKey(error.block), error);
    return undefined;
  }
}

/** A block is damaged. One that is missing may be of records that were all deleted. */
class BlockError extends Error {
  constructor(readonly block: number, options?: ErrorOptions) {
    super(`block ${block} of the id index is damaged`, options);
  }
}

async function findTimes(
  database: Database,
  selection: Selection,
): Promise<{ fromMs: number; toMs: number } | undefined> {
  const { idFrom, idTo, receivedFromMs, receivedToMs } = selection;
  const byReceipt = receivedFromMs > -Infinity || receivedToMs < Infinity;
  if (!byReceipt && idFrom === 0) return undefined;
  let first = idBlockOf(idFrom);
  let last = byReceipt || idTo === Infinity ? await newestBlock(database) : Infinity;
  last = Math.min(last, idBlockOf(idTo));
  const block = (number: number) => readBlock(database, number);
  // Times of receipt never go back as ids grow, so that blocks are in their order too.
  if (receivedFromMs > -Infinity) {
    first = await firstBlock(
      first,
      last,
      async (at) => (await block(at))?.lastReceivedMs ?? Infinity,
      receivedFromMs,
    );
  }
  if (receivedToMs < Infinity) {
    last = await firstBlock(first, last, async (at) =>
      (await block(at))?.firstReceivedMs ?? Infinity, receivedToMs + 1) - 1;
  }
  if (last - first >= BLOCKS_MAX) return undefined;
  let span: IdBlock | undefined;
  const range = { start: idBlockKey(first), end: idBlockKey(last + 1) };
  if (first <= last) {
    for await (const entry of listAll(database, range)) {
      span = widenBlock(span, soundBlock(entry));
    }
  }
  return span === undefined
    ? { fromMs: Infinity, toMs: -Infinity }
    : { fromMs: span.firstMs, toMs: span.lastMs };
}

/** The last block that has an entry; -1 if none has. */
async function newestBlock(database: Database): Promise<number> {
  const [newest] = await database.list(idBlockRange, { limit: 1, reverse: true });
  return newest === undefined ? -1 : newest.key[2] as number;
}

/** A block or, if its records were all deleted, the next one that is there: so figures still ascend. */
async function readBlock(database: Database, block: number): Promise<IdBlock | undefined> {
  let entry = await database.get(idBlockKey(block));
  if (entry === undefined) {
    const range = { start: idBlockKey(block), end: idBlockRange.end };
    [entry] = await database.list(range, { limit: 1 });
  }
  return entry && soundBlock(entry);
}

function soundBlock(entry: Entry): IdBlock {
  try {
    return decodeIdBlock(entry);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    throw new BlockError(entry.key[2] as number, { cause });
  }
}

/** The first block whose figure is at least `least`; one past the last if none is. */
async function firstBlock(
  first: number,
  last: number,
  figure: (block: number) => Promise<number>,
  least: number,
): Promise<number> {
  let start = first;
  let end = last + 1;
  while (start < end) {
    const middle = Math.floor((start + end) / 2);
    if (await figure(middle) >= least) end = middle;
    else start = middle + 1;
  }
  return start;
}
