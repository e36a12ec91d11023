/** @module Every metric that `/metrics` may show, as its `# HELP` line and docs/metrics.md explain it. */

/** How a metric behaves, as Prometheus names it. */
export type MetricType = "counter" | "gauge" | "histogram";

/** A metric's type and its meaning. */
export type MetricMeaning = readonly [type: MetricType, help: string];

/** By name, in the order in which they are shown. */
export const METRICS: Readonly<Record<string, MetricMeaning>> = {
  sentinel_build_info: ["gauge", "1, with the release in a label."],
  sentinel_ready: ["gauge", "1 if the server takes records."],

  sentinel_data_bytes: ["gauge", "Size of the database on the disk, its write-ahead log included."],
  sentinel_disk_free_bytes: ["gauge", "What the disk of the data has left for this user."],
  sentinel_retention_seconds: ["gauge", "Older records are deleted, day by day; 0: never."],
  sentinel_retention_rule_seconds: [
    "gauge",
    "The same for the records of a rule, by service and severity.",
  ],
  sentinel_retention_bytes: ["gauge", "The oldest go when more than this is stored; 0: no bound."],

  sentinel_records_stored_total: ["counter", "Records acknowledged since the start."],
  sentinel_body_bytes_total: ["counter", "Bytes of bodies that were read, decompressed."],
  sentinel_refused_total: [
    "counter",
    "Requests refused for want of room or time, by reason; nothing of them was stored.",
  ],
  sentinel_http_requests_total: [
    "counter",
    "Requests by route and status; status 0: the connection was closed without an answer.",
  ],
  sentinel_http_request_duration_seconds: [
    "histogram",
    "Time until an answer was ready, by route; of a stream, until it began.",
  ],
  sentinel_http_body_bytes_held: ["gauge", "Bytes of bodies that are being received."],
  sentinel_http_queries_running: ["gauge", "Queries under way."],
  sentinel_http_queries_waiting: ["gauge", "Queries that wait for their turn."],
  sentinel_http_exports_running: ["gauge", "Exports under way."],
  sentinel_http_tails_open: ["gauge", "Subscribers of live tails."],
  sentinel_http_tails_bytes_waiting: ["gauge", "Bytes that wait for readers of tails."],
  sentinel_http_tails_records_missed: [
    "gauge",
    "Records that tails were told they missed, since the start.",
  ],

  sentinel_socket_connections_open: ["gauge", "Open connections of syslog and GELF, by format."],
  sentinel_socket_connections_refused_total: [
    "counter",
    "Connections of strangers, or beyond what there may be.",
  ],
  sentinel_socket_datagrams_refused_total: ["counter", "Datagrams of strangers."],
  sentinel_socket_datagrams_dropped_total: [
    "counter",
    "Datagrams dropped because too many waited to be stored.",
  ],
  sentinel_socket_records_stored_total: ["counter", "Records that came over sockets."],
  sentinel_socket_records_lost_total: [
    "counter",
    "Records received that could not be stored before the end.",
  ],

  sentinel_own_log_records_stored_total: [
    "counter",
    "Events of the server's own log in its store.",
  ],
  sentinel_own_log_records_dropped_total: [
    "counter",
    "Events that were too many to be stored, or could not be.",
  ],

  sentinel_store_records: ["gauge", "Records that can be read."],
  sentinel_store_records_in_segments: ["gauge", "Records in segments; the others are in memory."],
  sentinel_store_streams: ["gauge", "Pairs of service and severity that have records."],
  sentinel_store_segments: ["gauge", "Segments that queries see."],
  sentinel_store_segment_bytes: ["gauge", "What these take, compressed."],
  sentinel_store_memtable_records: ["gauge", "Records in memory that no segment has yet."],
  sentinel_store_memtable_bytes: ["gauge", "Memory that they take, journal entries included."],
  sentinel_store_journal_disk_bytes: [
    "gauge",
    "What their journal takes of the disk, about: what a start replays.",
  ],
  sentinel_store_queue_bytes: ["gauge", "Records that wait to be committed, as memory."],
  sentinel_store_queue_batches: ["gauge", "Batches that wait to be committed."],
  sentinel_store_cache_bytes: ["gauge", "Decoded segments kept in memory."],
  sentinel_store_compaction_candidates: ["gauge", "Segments that compaction knows of."],
  sentinel_store_segments_to_remove: ["gauge", "Replaced segments that a reader may still see."],
  sentinel_store_tombstones: ["gauge", "Deletions whose space is not reclaimed yet."],
  sentinel_store_search_workers: ["gauge", "Workers that run to search segments of wide queries."],
  sentinel_store_damaged_segments: [
    "gauge",
    "Segments known to be damaged: their records are lost.",
  ],
  sentinel_store_damaged_index_entries: [
    "gauge",
    "Entries of the index that are damaged and could not be made anew.",
  ],
  sentinel_store_damaged_filters: [
    "gauge",
    "Token filters known to be damaged: searches take longer and lack nothing.",
  ],
  sentinel_store_damaged_id_blocks: ["gauge", "The same of blocks of the id index."],
  sentinel_store_damaged_totals: ["gauge", "Totals that could not be counted anew in full."],
  sentinel_store_damaged_journal_entries: ["gauge", "Journal entries whose records are lost."],
  sentinel_store_damaged_others: ["gauge", "Other values known to be damaged."],
  sentinel_store_version: ["gauge", "The publication that is visible."],
  sentinel_store_next_id: ["gauge", "The id that the next record gets."],
  sentinel_store_retention_excess_bytes: [
    "gauge",
    "Stored beyond the bound though everything went that may: the bound is too small.",
  ],
  sentinel_store_clock_behind_seconds: [
    "gauge",
    "By how much the clock is behind the last time of receipt, which never goes back.",
  ],
  sentinel_store_disk_low: ["gauge", "1 while the disk of the data has little space left."],
  sentinel_store_background_failing: ["gauge", "1 while background work fails: the log says why."],

  sentinel_commits_total: ["counter", "Group commits of records, each a sync of the disk."],
  sentinel_commit_bytes_total: ["counter", "What they wrote to the journal, compressed."],
  sentinel_commit_duration_seconds: ["histogram", "Time that a group commit took."],
  sentinel_flushed_records_total: ["counter", "Records written from memory to segments."],
  sentinel_flush_duration_seconds: ["histogram", "Time that a flush took."],
  sentinel_compacted_records_total: ["counter", "Records written again to be in better segments."],
  sentinel_compaction_duration_seconds: ["histogram", "Time that a step of compaction took."],
  sentinel_deleted_records_total: ["counter", "Records deleted, by request or by retention."],
  sentinel_retention_age_deleted_records_total: ["counter", "Of these, for their age."],
  sentinel_retention_size_deleted_records_total: ["counter", "Of these, for want of room."],
  sentinel_segments_written_total: ["counter", "Segments written."],
  sentinel_segment_bytes_written_total: ["counter", "What these take, compressed."],
  sentinel_segments_retired_total: ["counter", "Segments replaced or deleted."],
  sentinel_segment_heads_decoded_total: ["counter", "Segments looked into that were not cached."],
  sentinel_token_filters_decoded_total: ["counter", "Filters read that were not cached."],
  sentinel_columns_decoded_total: ["counter", "Columns of texts read that were not cached."],
  sentinel_column_bytes_decompressed_total: ["counter", "Bytes of these, decompressed."],
  sentinel_sources_searched_total: [
    "counter",
    "Segments and pieces of the memory that queries looked into.",
  ],
  sentinel_rows_searched_total: ["counter", "Records that a filter on their contents was shown."],
  sentinel_worker_searches_total: [
    "counter",
    "Segments of wide queries that Workers searched.",
  ],
  sentinel_rows_matched_total: ["counter", "Records that matched all filters."],
  sentinel_rows_given_total: ["counter", "Records read to be answered."],

  process_resident_memory_bytes: ["gauge", "Memory of the process."],
  process_cpu_seconds_total: ["counter", "Processor time of the process, user and system."],
  process_start_time_seconds: ["gauge", "When the process started, since the Unix epoch."],
  sentinel_heap_bytes: ["gauge", "Memory of JavaScript objects in use."],
  sentinel_heap_reserved_bytes: ["gauge", "Memory reserved for JavaScript objects."],
};
