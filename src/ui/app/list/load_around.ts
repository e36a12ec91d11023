import { getJson } from "../api/client.ts";
import type { LogRecord } from "../api/record.ts";
import type { RecordContext } from "../api/rows.ts";
import { type Block, type PendingBlock, recordRow } from "./block.ts";

/** Neighbours on each side that are loaded at once. */
const NEIGHBOURS = 100;

/** A record among its neighbours in the same service, with more to load on either side. */
export async function aroundBlocks(
  id: number,
  signal: AbortSignal,
): Promise<{ blocks: Block[]; record: LogRecord }> {
  const context = await getContext(id, NEIGHBOURS, NEIGHBOURS, signal);
  const rows = [...context.before, context.record, ...context.after].map(recordRow);
  const blocks: Block[] = [{ kind: "rows", rows, reload: undefined }];
  if (context.before.length === NEIGHBOURS) blocks.unshift(more(context.before[0]!, "before"));
  if (context.after.length === NEIGHBOURS) blocks.push(more(context.after.at(-1)!, "after"));
  return { blocks, record: context.record };
}

function more(edge: LogRecord, side: "before" | "after"): PendingBlock {
  const ms = Date.parse(edge.timestamp);
  return {
    kind: "pending",
    count: NEIGHBOURS,
    open: side === "before" ? "above" : "below",
    firstMs: side === "before" ? -Infinity : ms,
    lastMs: side === "before" ? ms : Infinity,
    async load(signal) {
      const before = side === "before" ? NEIGHBOURS : 0;
      const records = (await getContext(edge.id, before, NEIGHBOURS - before, signal))[side];
      if (records.length === 0) return [];
      const blocks: Block[] = [{ kind: "rows", rows: records.map(recordRow), reload: undefined }];
      if (records.length < NEIGHBOURS) return blocks;
      if (side === "before") blocks.unshift(more(records[0]!, side));
      else blocks.push(more(records.at(-1)!, side));
      return blocks;
    },
  };
}

function getContext(
  id: number,
  before: number,
  after: number,
  signal: AbortSignal,
): Promise<RecordContext> {
  return getJson(`/logs/${id}/context?before=${before}&after=${after}`, signal);
}
