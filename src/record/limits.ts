/** @module The limits of a record, each with its reason. Those of a whole body are in `ingest/`. */

/**
 * Characters (code points) in the name of a service. Names stand in index keys of the database, which hold
 * 2,048 bytes: 128 characters of four bytes are a quarter of one.
 */
export const SERVICE_CHARS_MAX = 128;

/**
 * Bytes of UTF-8 in a message. Sixteen of the longest still fit a segment's worth of messages (1 MiB), and a stack
 * trace of some hundred frames fits one message.
 */
export const MESSAGE_BYTES_MAX = 65_536;

/** Bytes of the attributes as compact JSON in UTF-8: no more than the message they belong to. */
export const ATTRIBUTES_BYTES_MAX = 65_536;

/** Names in an attributes object, not counting those inside its values: a segment lists every name it has. */
export const ATTRIBUTE_NAMES_MAX = 256;

/**
 * Objects and arrays inside each other, the attributes object itself being the first: bounds every recursion over
 * attributes, here and in readers. A path of eight names ends in a plain value.
 */
export const ATTRIBUTE_DEPTH_MAX = 8;

/** Characters (code points) of a trace or span id: W3C's have 32 and 16, other systems' ids at most a few UUIDs. */
export const TRACE_ID_CHARS_MAX = 128;

/** Characters (code points) of the severity's original text; the longest known name of a level has 13. */
export const SEVERITY_TEXT_CHARS_MAX = 128;

/** OpenTelemetry's severity numbers, inclusive. */
export const SEVERITY_NUMBER_MIN = 1;
/** See {@linkcode SEVERITY_NUMBER_MIN}. */
export const SEVERITY_NUMBER_MAX = 24;

/** The first instant: 0001-01-01T00:00:00Z. RFC 3339 has no years before 0000; that one is no year of our era. */
export const TIMESTAMP_MS_MIN = -62_135_596_800_000;

/** The millisecond of the last instant: 9999-12-31T23:59:59.999999999Z. RFC 3339 years have four digits. */
export const TIMESTAMP_MS_MAX = 253_402_300_799_999;
