import { getPage } from "../api/rows.ts";
import { type Block, type PendingBlock, recordRow } from "./block.ts";

/** Records of the first page: more than any screen shows, few enough to be there at once. */
export const FIRST_ROWS = 200;

/** What older records stand for on the scroll bar as long as nobody has counted them. */
const GUESS_ROWS = 100;

/** The newest records of a search, ascending, behind a block that loads what is older. */
export async function newestBlocks(
  params: URLSearchParams,
  signal: AbortSignal,
  cursor?: string,
): Promise<Block[]> {
  const page = await getPage(params, { order: "desc", limit: FIRST_ROWS, cursor }, signal);
  const records = page.records.reverse();
  const blocks: Block[] = [];
  const lastMs = records[0] === undefined ? Infinity : Date.parse(records[0].timestamp);
  if (page.cursor !== undefined) blocks.push(olderBlock(params, page.cursor, lastMs));
  if (records.length > 0) {
    blocks.push({ kind: "rows", rows: records.map(recordRow), reload: undefined });
  }
  return blocks;
}

function olderBlock(params: URLSearchParams, cursor: string, lastMs: number): PendingBlock {
  return {
    kind: "pending",
    count: GUESS_ROWS,
    open: "above",
    firstMs: -Infinity,
    lastMs,
    load: (signal) => newestBlocks(params, signal, cursor),
  };
}

/** A block for what is older than a record, or of its moment and not among `known`. */
export function olderThan(
  params: URLSearchParams,
  timestamp: string,
  known: ReadonlySet<number>,
): PendingBlock {
  const query = new URLSearchParams(params);
  query.set("timestamp_end", timestamp);
  return {
    kind: "pending",
    count: GUESS_ROWS,
    open: "above",
    firstMs: -Infinity,
    lastMs: Date.parse(timestamp),
    async load(signal) {
      const blocks = await newestBlocks(query, signal);
      return blocks.map((block) =>
        block.kind === "pending"
          ? block
          : { ...block, rows: block.rows.filter(({ key }) => !known.has(key)) }
      );
    },
  };
}
