/** @module Every limit and constant of the storage engine, with the arithmetic behind it. */

import { PART_BYTES_MAX } from "../codec/mod.ts";

/**
 * The layout of keys and values. A store of a newer format is refused, one of an older format is read: 2 brought messages as
 * templates and values, and token filters that pages are cut from.
 */
export const FORMAT_VERSION = 2;

/**
 * A Deno KV value holds 65,536 bytes after serialization. With its key and the database's own fields, 62,000 bytes end
 * just within a page of the file; 64,000 would leave half of the last page empty.
 */
export const VALUE_BYTES_MAX = PART_BYTES_MAX;

/** An atomic commit takes 819,200 bytes in all: keys and framing need some of it. */
export const COMMIT_BYTES_MAX = 768_000;

/**
 * Background commits are small so that a journal commit never waits long behind one: a commit of 1,000 small
 * mutations was measured at 22 to 82 ms, one of 64 mutations or 128 KiB at 1 to 4 ms.
 */
export const BACKGROUND_MUTATIONS_MAX = 64;
export const BACKGROUND_BYTES_MAX = 128 * 1024;

/**
 * Stored bytes that one background commit removes: it returns their pages to the file one by one. 16 of the largest values
 * take 1.2 times as long as 4, 64 of them 2.5 times.
 */
export const REMOVED_BYTES_MAX = 1024 * 1024;

/** What waits to be committed, as UTF-16 units of text plus an overhead a record; beyond it: 503. */
export const QUEUE_BYTES_MAX = 32 * 1024 * 1024;

/** What a waiting record costs beside its text: an estimate of its slots in the batch's arrays. */
export const RECORD_OVERHEAD_BYTES = 64;

/** One group commit takes requests until it has this much; large enough to amortize a sync, small enough to stay quick. */
export const GROUP_BYTES_MAX = 2 * 1024 * 1024;

/** A commit holds at most 1,000 mutations, an idempotency key takes two of them. */
export const GROUP_IDEMPOTENT_MAX = 256;

/** Distinct streams (service and severity) in a store: totals are kept in memory and written one key each. */
export const STREAMS_MAX = 10_000;

/** Memory that committed, unflushed records may take. Beyond it commits wait for the flush; then the queue fills. */
export const MEMTABLE_BYTES_MAX = 32 * 1024 * 1024;

/** A generation is flushed when it has this many records … */
export const FLUSH_RECORDS = 32 * 1024;
/** … or this much memory: half of the memtable, so that ingestion goes on while it is being written … */
export const FLUSH_BYTES = 16 * 1024 * 1024;
/** … or when its journal takes this much of the disk: the journal is the part of the file that is not compact … */
export const FLUSH_JOURNAL_BYTES = 4 * 1024 * 1024;
/** … or when its oldest record is this old, so that a restart of a quiet server has little to replay. */
export const FLUSH_AGE_MS = 5 * 60 * 1000;
/** … or when it is worth it and nothing comes in: segments have filters and indexes, the memtable is searched whole. */
export const FLUSH_IDLE_RECORDS = 4096;
export const FLUSH_IDLE_MS = 2000;
/**
 * While another one is being flushed, a generation may grow to this many records, or `FLUSH_BYTES`: a flush of more records
 * makes better segments in less time, but the Worker needs about 300 bytes for each.
 */
export const GENERATION_RECORDS_MAX = 2 * FLUSH_RECORDS;

/**
 * A segment's worth. 8,192 log lines are about 0.9 MB raw and 200 KB stored. Half as many cost half a byte more a record
 * (heads, index entries, the last database page of each value), twice as many make the newest hundred slower to reach.
 */
export const SEGMENT_RECORDS_MAX = 8192;
/** Texts in a segment: bounds what one decode costs, whatever the size of messages. */
export const SEGMENT_TEXT_BYTES_MAX = 1024 * 1024;
/** Rows in a chunk of the memtable that small commits share. */
export const CHUNK_RECORDS_MAX = 4096;
/** Streams with fewer unflushed records on a day than this share mixed segments. */
export const OWN_SEGMENT_RECORDS_MIN = 512;
/** Streams in one mixed segment: keeps its head within one value. */
export const MIXED_STREAMS_MAX = 256;
/** Days with fewer records than this in a flush, when it spans many days, share segments that span days. */
export const OWN_DAY_RECORDS_MIN = 64;
/** A flush that touches no more days than this gives each its own mixed segments. */
export const OWN_DAY_DAYS_MAX = 8;

/** Segments that span at most this are `narrow`: a range query need look no further than this beyond its end. */
export const NARROW_MS = 60 * 60 * 1000;

export const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Segments of one kind, day and level that are merged at once: each record is rewritten at most log4(n) times. With 8
 * the file of a million records was 2 % larger, for no less processor time.
 */
export const COMPACTION_FAN_IN = 4;
/** At most this many inputs, records and text bytes in one compaction step: bounds its memory and its publication. */
export const COMPACTION_INPUTS_MAX = 32;
export const COMPACTION_RECORDS_MAX = 32 * 1024;
export const COMPACTION_TEXT_BYTES_MAX = 12 * 1024 * 1024;
/** Compaction candidates kept in memory; more are found again at the next start. */
export const COMPACTION_CANDIDATES_MAX = 20_000;

/**
 * Segments of one day under one index that are listed, and kept, as a whole: fifty million records. Listing them takes
 * some 150 ms, a page at a time, once; after that publications keep the list.
 */
export const KEPT_DAY_MAX = 10_000;

/** Decoded heads, columns and filters kept in memory. */
export const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** Digests kept in memory beside them: at a byte or two a record and field, several fields of a few million records. */
export const DIGEST_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Segments of a store whose index is looked through at each start: half a second of the thread, and 10 MiB for a while. At
 * 24,000 segments (a hundred million records) it would be 12 s and 230 MiB.
 */
export const LOOKED_THROUGH_MAX = 1_000;

/** Segments opened side by side: hides the latency of the database, bounds what is decoded at once. */
export const OPENED_AT_ONCE = 8;
/** The same while Workers search: only rows that match come back, and a Worker should never find nothing to do. */
export const SEARCHED_AT_ONCE = 32;
/** Readers do so much at a time on the thread that also takes requests: what a small one may have to wait for. */
export const SLICE_MS = 3;
/** Rows that a slow predicate is shown at a time: at 3 to 10 µs each, half a slice. */
export const SLOW_ROWS_MAX = 256;
/** Rows that any predicate is shown at a time: a millisecond, about. */
export const SHOWN_ROWS_MAX = SEGMENT_RECORDS_MAX;

/** A scan that has searched so many segments is a wide one: below it, it takes 10 ms at most on the thread that it is on. */
export const WIDE_SEGMENTS_MIN = 8;
/** The same where the predicate is slow: a segment takes 10 ms or more then. */
export const WIDE_SLOW_SEGMENTS_MIN = 1;
/**
 * The same where token filters choose the segments, and columns that are at hand are not counted. They are kept decoded then, as
 * a search elsewhere does not: with them, a word in most of 270 segments takes 12 ms, and 50 ms of processor time without.
 */
export const WIDE_CHOSEN_SEGMENTS_MIN = 32;
/** Workers that search: as many as processors, since a wide scan is bound by them; but each takes up to 50 MiB while it does. */
export const SEARCH_WORKERS_MAX = 4;
/** Segments in a message to a Worker: a message costs each side 0.1 ms or more, a segment 0.2 to 0.5 ms. */
export const SEARCHES_IN_MESSAGE_MAX = 8;
/** Segments that a Worker has in hand: some are read for while others are searched. */
export const SEARCHES_IN_HAND_MAX = 2 * SEARCHES_IN_MESSAGE_MAX;
/** Without work for so long, they are ended: their memory is worth more than the 50 ms that starting them takes. */
export const SEARCH_IDLE_MS = 30 * 1000;
/** After one has failed, none is started for so long. */
export const SEARCH_PAUSE_MS = 60 * 1000;

/** Ids that share one entry of the id index: 2^14. */
export const ID_BLOCK_BITS = 14;

/** Deletions whose space is not yet reclaimed; each costs every read a comparison. More wait for the clean-up. */
export const TOMBSTONES_MAX = 64;

/** Of these, retention takes no more, so that requests have theirs; its others come when these are reclaimed. */
export const RETENTION_TOMBSTONES_MAX = 16;
/** Names of services in one deletion by retention, as JSON: with what is beside them they fit a value. */
export const SERVICES_DELETED_BYTES_MAX = 48_000;
/**
 * Rules of retention: each time that something is kept is a deletion a day, and each rule a line of `/metrics`. A hundred
 * are more than anybody keeps in mind.
 */
export const RETENTION_RULES_MAX = 100;
/**
 * Segments that retention hides at once, or those of one day: about 4 million records. A store that is given its first
 * rule is emptied in steps, and flushes come between them.
 */
export const RETENTION_SEGMENTS_MAX = 512;
/** A clock that is ahead of the last records by more than this is believed by retention only after that. */
export const CLOCK_LEAP_MS = 14 * DAY_MS;
export const CLOCK_TRIAL_MS = 60 * 60 * 1000;
/** Records that are younger than this by their timestamps do not go for want of room, however little there is. */
export const KEPT_AGE_MS = 10 * 60 * 1000;
/** What goes for want of room makes room for so large a part of the bound beside, so that not every flush comes up to it. */
export const ROOM_MADE = 1 / 32;
/** When nothing may go for want of room, it is looked for again after so long. */
export const ROOM_RETRY_MS = 60 * 1000;
/** The least bound: with less than a generation of the memtable nothing would be kept. */
export const RETENTION_BYTES_MIN = 16 * 1024 * 1024;

/**
 * Kept on the disk for deletion: a flush of a generation that does not compress, and the write-ahead log that comes with it. Of
 * a small disk only a part.
 */
export const DISK_RESERVE_BYTES_MAX = 16 * 1024 * 1024;
export const DISK_RESERVE_PART = 1 / 16;
/** Less on a disk is little: a day of a small team's logs, of a small disk a twentieth. */
export const DISK_LOW_BYTES = 1024 ** 3;
export const DISK_LOW_PART = 1 / 20;

/** How long an idempotency key is remembered, and how many are. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;
export const IDEMPOTENCY_KEYS_MAX = 1_000_000;
