/** @module Every bound on bodies that are read, with its reason. Those of a record are in `record/`. */

/**
 * Records in a body. The smallest complete JSON record has 76 bytes, so 16 MiB hold 220,000; only formats that fill in
 * fields can come near. A batch of a million records is some 100 MB of arrays: no body shall cost more.
 */
export const BODY_RECORDS_MAX = 1_000_000;

/** Problems listed of one body: nobody reads more, and the answer stays below 100 KB. */
export const PROBLEMS_MAX = 100;

/** Characters of a parser's or decompressor's own sentence that an error repeats. */
export const CAUSE_CHARS_MAX = 200;

/** Content codings applied to one body, `identity` aside: each costs a decompression, and nobody stacks more. */
export const ENCODINGS_MAX = 2;

/**
 * Bytes of output per step of decompression. Larger steps are not faster; a body of no more costs a single one.
 */
export const DECOMPRESS_CHUNK_BYTES = 64 * 1024;

/**
 * Zstandard frames in a body. Each costs some 30 µs however small it is, and an empty one has 9 bytes: without a bound
 * a body of 16 MiB could take a minute. Parallel compressors make a frame for each MiB or so.
 */
export const ZSTD_FRAMES_MAX = 1_024;

/**
 * Base-2 logarithm of Zstandard's window, which the decoder allocates whatever the body's size. RFC 9659 allows 8 MiB
 * in `Content-Encoding: zstd`; one more bit is the largest body.
 */
export const ZSTD_WINDOW_LOG_MAX = 24;

/**
 * UTF-16 units of text in the batch of one body. Formats that say once what many records share (a resource, a stream's
 * labels) could make hundreds of gigabytes of 16 MiB; this is as much as the queue behind them holds, and twice a body.
 */
export const BATCH_TEXT_UNITS_MAX = 32 * 1024 * 1024;

/** Bytes of a body that a format compresses by itself (Loki's snappy), expanded: the contract's limit of a body. */
export const SNAPPY_BYTES_MAX = 16 * 1024 * 1024;
