/** @module Every bound of the HTTP server, with its reason. */

const MIB = 1024 * 1024;

/** The largest request body, as sent and after decompression: the public contract. */
export const BODY_BYTES_MAX = 16 * MIB;

/** The largest body of a request about a token: 200 services of 128 characters, escaped, are 160 KB. */
export const TOKEN_BODY_BYTES_MAX = 256 * 1024;

/** All bodies being received together: eight of the largest, so that receiving takes a known share of memory. */
export const BODIES_BYTES_MAX = 128 * MIB;

/** The time a body may take to arrive: the largest at 1.1 Mbit/s. Without it a few stalled senders hold every slot. */
export const BODY_MS_MAX = 120_000;

/**
 * Bodies up to this size with a declared length are read without a timer: an attacker who stalls them holds no more than
 * any idle connection does.
 */
export const UNTIMED_BODY_BYTES_MAX = 64 * 1024;

/** `Idempotency-Key` in characters: the public contract. */
export const IDEMPOTENCY_KEY_UNITS_MAX = 255;

/**
 * Queries running at once. They share one thread, so more finish no sooner, and each may hold a few MiB of decoded
 * segments and, at worst, a page of 68 MiB: 16 of them stay near 1 GiB and let a cheap query pass slow ones.
 */
export const QUERIES_MAX = 16;

/** Queries waiting for their turn: sixteen rounds, what a page reloaded by everyone on call needs. */
export const QUERIES_WAITING_MAX = 256;

/** How long a query waits for its turn: whoever looks at a page has given up by then. */
export const QUERY_WAIT_MS_MAX = 10_000;

/** Exports at once. Each holds a snapshot, whose version keeps old segments on disk, for as long as it is read. */
export const EXPORTS_MAX = 16;

/** Exports waiting for their turn. */
export const EXPORTS_WAITING_MAX = 32;

/** How long an export may stand still because its reader takes nothing: then it is ended, as a cut connection is. */
export const EXPORT_STALL_MS_MAX = 60_000;

/** The bytes of an export's pieces: large enough to cost little each, small enough to be held for every reader. */
export const EXPORT_CHUNK_BYTES = 256 * 1024;

/** The longest text that goes into a response header: proxies refuse headers of more than 4 to 8 KiB in all. */
export const HEADER_UNITS_MAX = 1_000;

/** How long open requests may take after the server was asked to stop, before their connections are cut. */
export const DRAIN_MS_MAX = 10_000;
