import type { HistogramData, SeverityBucket } from "../state/histogram_data.ts";
import type { Bounds } from "../state/range.ts";
import { blocksOf } from "./load_range.ts";
import type { RowsBlock } from "./block.ts";
import type { RowList } from "./row_list.ts";

/** Gives everything older than the loaded rows its place on the scroll bar. */
export function spread(
  list: RowList,
  params: URLSearchParams,
  bounds: Bounds,
  data: HistogramData,
): void {
  const at = list.blocks.findIndex((block) => block.kind === "pending");
  const pending = list.blocks[at];
  const loaded = list.blocks[at + 1];
  if (pending === undefined || loaded?.kind !== "rows") return;
  const oldest = loaded.rows[0]?.record;
  if (oldest === undefined || data.buckets.length === 0) return;
  const lastMs = Date.parse(oldest.timestamp);
  const firstMs = bounds.start === undefined ? data.buckets[0]!.startMs : Date.parse(bounds.start);
  const stretch = {
    params,
    firstMs,
    lastMs,
    start: bounds.start ?? new Date(firstMs).toISOString(),
    end: oldest.timestamp,
    except: new Set(loaded.rows.map(({ key }) => key)),
  };
  const blocks = blocksOf(stretch, withoutLoaded(data, loaded, lastMs));
  if (blocks.length > 0) list.replace(pending, blocks);
}

/** The buckets up to a moment, without the rows that the list has already. */
function withoutLoaded(data: HistogramData, loaded: RowsBlock, lastMs: number): SeverityBucket[] {
  const buckets = data.buckets.filter(({ startMs }) => startMs <= lastMs);
  const last = buckets.at(-1);
  if (last === undefined) return [];
  const there = loaded.rows.filter(({ record }) => {
    return record !== undefined && Date.parse(record.timestamp) < last.endMs;
  }).length;
  // At least one: that there are older records is known.
  return [...buckets.slice(0, -1), { ...last, count: Math.max(1, last.count - there) }];
}
