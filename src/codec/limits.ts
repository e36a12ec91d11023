/** @module Every constant of the stored bytes, with the reason for its value. */

/** A database value holds 65,536 serialized bytes; 62,000 and a key end just within a page of an SQLite file. */
export const PART_BYTES_MAX = 62_000;

/** A segment's head is one value. */
export const HEAD_BYTES_MAX = PART_BYTES_MAX;

/** Rows of a segment: what a 16-bit stream index and one head can hold. */
export const SEGMENT_ROWS_MAX = 65_536;

/** Level 1 writes 390 MB/s at a ratio of 5.8 on log lines; level 3 is slower and no smaller on them. */
export const ZSTD_LEVEL = 1;

/**
 * The window of journal entries, 128 KiB: what a thousand log lines take. zstd's own, 512 KiB, makes the same of them in a
 * third more time, most of it spent on clearing memory.
 */
export const ZSTD_SMALL_WINDOW_LOG = 17;

/** Below this a call of zstd (about 25 µs whatever the size) costs more than the bytes it saves. */
export const COMPRESS_BYTES_MIN = 400;

/**
 * What a body may claim to expand to before memory is given to it: 32 MiB of queued UTF-16 text is at most 96 MiB of
 * UTF-8, and the other columns of such records less than as much again.
 */
export const RAW_BYTES_MAX = 256 * 1024 * 1024;

/** What a segment's head may expand to: 65,536 rows of at most 40 bytes, and as many services' names again. */
export const HEAD_RAW_BYTES_MAX = 64 * 1024 * 1024;

/** Distinct values of a dictionary column: an index takes one byte. */
export const DICTIONARY_VALUES_MAX = 256;

/** Attributes of a segment that get a column of their own; a head lists each in about 40 bytes. */
export const SPLIT_NAMES_MAX = 64;

/** An attribute gets its own column if at least one in this many of the rows with attributes has it. */
export const SPLIT_ROWS_SHARE = 16;

/** UTF-8 bytes of a name that may get its own column, so that 64 of them leave most of a head to its rows. */
export const SPLIT_NAME_BYTES_MAX = 256;

/** Keys of one token filter, 9 MiB built; past it the filter says yes to everything rather than grow. */
export const FILTER_KEYS_MAX = 1 << 20;

/** Values of one token filter: a million keys take 21, and a head may not claim many more. */
export const FILTER_PARTS_MAX = 64;

/** What a page of many filters should take: at most a value, whatever chance brings together in it. */
export const FILTER_PAGE_BYTES = 54_000;
