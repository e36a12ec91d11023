/** @module What the engine tells its operators of itself, by names as Prometheus has them. */

import { DAMAGED_KINDS } from "./repair/damage.ts";
import type { Journal } from "./journal.ts";
import type { EngineState } from "./state.ts";

/** Figures of this moment. */
export function figuresOf(state: EngineState): Record<string, number> {
  const { live, stored, version, parts } = state;
  const { segments, segmentBytes } = parts.publisher.state;
  let records = 0;
  for (const { count } of live) records += count;
  let inSegments = 0;
  for (const { count } of stored) inSegments += count;
  return {
    records,
    records_in_segments: inSegments,
    streams: live.size,
    version,
    ...(segments === undefined ? {} : { segments }),
    ...(segmentBytes === undefined ? {} : { segment_bytes: segmentBytes }),
    memtable_records: state.memtableRecords,
    memtable_bytes: state.memtableBytes,
    journal_disk_bytes: state.journalDiskBytes,
    cache_bytes: parts.reader.cachedBytes,
    compaction_candidates: parts.planner.candidates,
    segments_to_remove: parts.publisher.garbage.count,
    tombstones: state.tombstones.length,
    search_workers: parts.pool?.workers ?? 0,
    ...Object.fromEntries(
      DAMAGED_KINDS.map((kind) => [`damaged_${kind}`, parts.damage.count(kind)]),
    ),
  };
}

/** Counts since the start. */
export function countersOf({ parts }: EngineState, journal: Journal): Record<string, number> {
  const { counters, publisher, pool, reader: { work } } = parts;
  return {
    commits: journal.commits.count,
    commit_bytes: journal.bytesWritten,
    flushed_records: counters.flushedRecords,
    compacted_records: counters.compactedRecords,
    deleted_records: counters.deletedRecords,
    retention_age_deleted_records: counters.agedRecords,
    retention_size_deleted_records: counters.crowdedRecords,
    segments_written: publisher.segmentsWritten,
    segment_bytes_written: publisher.segmentBytesWritten,
    segments_retired: publisher.segmentsRetired,
    segment_heads_decoded: work.heads,
    token_filters_decoded: work.filters,
    columns_decoded: work.columns,
    column_bytes_decompressed: work.columnBytes,
    sources_searched: work.sources,
    rows_searched: work.rowsSearched,
    worker_searches: pool?.searched ?? 0,
    rows_matched: work.rowsMatched,
    rows_given: work.rowsGiven,
  };
}
