import { getHistogram } from "../api/counts.ts";
import type { LogRecord } from "../api/record.ts";
import { getPage } from "../api/rows.ts";
import { lastBefore, stepFor, stepText } from "../state/range.ts";
import { type Block, type PendingBlock, recordRow, type RowsBlock } from "./block.ts";

/** Rows of a block: some screens to scroll through, and a request of a few milliseconds. */
export const BLOCK_ROWS = 500;
/** A stretch with more is cut by time before it is loaded. */
const BLOCK_ROWS_MAX = 1_000;
/** Pieces of one cut: as many as a histogram may have. */
const PIECES_MAX = 1_900;

/** A stretch of time within a search, both ends inclusive. */
export interface Stretch {
  /** Filters without a time. */
  readonly params: URLSearchParams;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The ends as the API takes them, to the nanosecond. */
  readonly start: string;
  readonly end: string;
  /** Ids within the stretch that the list has elsewhere. */
  readonly except: ReadonlySet<number>;
}

/** Counts of records from one time to before another, ascending, in milliseconds. */
export interface Bucket {
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
}

/** Blocks for the stretch that buckets cover; neighbours with few records are put together. */
export function blocksOf(stretch: Stretch, buckets: readonly Bucket[]): PendingBlock[] {
  const blocks: PendingBlock[] = [];
  let from: Bucket | undefined;
  let count = 0;
  for (const bucket of buckets) {
    if (from !== undefined && count + bucket.count > BLOCK_ROWS) {
      blocks.push(stretchBlock(pieceOf(stretch, from.startMs, bucket.startMs), count));
      from = undefined;
      count = 0;
    }
    if (bucket.count === 0) continue;
    from ??= bucket;
    count += bucket.count;
  }
  if (from !== undefined) {
    blocks.push(stretchBlock(pieceOf(stretch, from.startMs, stretch.lastMs + 1), count));
  }
  return blocks;
}

/** The part of a stretch from one time to before another. */
function pieceOf(stretch: Stretch, startMs: number, endMs: number): Stretch {
  const isFirst = startMs <= stretch.firstMs;
  const isLast = endMs > stretch.lastMs;
  return {
    ...stretch,
    firstMs: isFirst ? stretch.firstMs : startMs,
    lastMs: isLast ? stretch.lastMs : endMs - 1,
    start: isFirst ? stretch.start : new Date(startMs).toISOString(),
    end: isLast ? stretch.end : lastBefore(endMs),
  };
}

/** A block that loads a stretch, in pieces if it holds many records. */
function stretchBlock(stretch: Stretch, count: number): PendingBlock {
  const { firstMs, lastMs } = stretch;
  return {
    kind: "pending",
    count,
    firstMs,
    lastMs,
    load(signal) {
      const canBeCut = lastMs > firstMs && count > BLOCK_ROWS_MAX;
      return canBeCut ? cut(stretch, count, signal) : loadPage(stretch, undefined, signal);
    },
  };
}

async function cut(stretch: Stretch, count: number, signal: AbortSignal): Promise<Block[]> {
  const { firstMs, lastMs } = stretch;
  const pieces = Math.min(PIECES_MAX, Math.max(2, Math.ceil(2 * count / BLOCK_ROWS)));
  const step = stepFor(lastMs - firstMs + 1, pieces + 1);
  const histogram = await getHistogram(timed(stretch), "severity", stepText(step), signal);
  const blocks = blocksOf(stretch, bucketsOf(histogram.buckets, step));
  // Nothing could be cut off, as with a thousand records of one moment: page by page then.
  if (blocks.length === 1) return await loadPage(stretch, undefined, signal);
  return blocks;
}

/** A histogram's buckets with their counts summed. */
export function bucketsOf(
  buckets: readonly { start: string; counts: Readonly<Record<string, number>> }[],
  stepMs: number,
): Bucket[] {
  return buckets.map(({ start, counts }) => {
    const startMs = Date.parse(start);
    const count = Object.values(counts).reduce((sum, n) => sum + n, 0);
    return { startMs, endMs: startMs + stepMs, count };
  });
}

async function loadPage(
  stretch: Stretch,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Block[]> {
  const paging = { order: "asc", limit: BLOCK_ROWS_MAX, cursor } as const;
  const page = await getPage(timed(stretch), paging, signal);
  const records = page.records.filter(({ id }) => !stretch.except.has(id));
  const blocks: Block[] = [];
  if (records.length > 0) blocks.push(reloadable(records, stretch, cursor));
  if (page.cursor !== undefined) blocks.push(rest(stretch, page.cursor, records));
  return blocks;
}

function reloadable(
  records: readonly LogRecord[],
  stretch: Stretch,
  cursor: string | undefined,
): RowsBlock {
  const reload: PendingBlock = {
    kind: "pending",
    count: records.length,
    firstMs: Date.parse(records[0]!.timestamp),
    lastMs: Date.parse(records.at(-1)!.timestamp),
    load: (signal) => loadPage(stretch, cursor, signal),
  };
  return { kind: "rows", rows: records.map(recordRow), reload };
}

/** What comes after a page; nobody knows how much: as much again. */
function rest(stretch: Stretch, cursor: string, records: readonly LogRecord[]): PendingBlock {
  const last = records.at(-1);
  return {
    kind: "pending",
    count: BLOCK_ROWS,
    open: "below",
    firstMs: last === undefined ? stretch.firstMs : Date.parse(last.timestamp),
    lastMs: stretch.lastMs,
    load: (signal) => loadPage(stretch, cursor, signal),
  };
}

function timed({ params, start, end }: Stretch): URLSearchParams {
  const query = new URLSearchParams(params);
  query.set("timestamp_start", start);
  query.set("timestamp_end", end);
  return query;
}
