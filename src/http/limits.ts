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
 * Bodies of a declared length that are being read without a timer, together; whatever more comes meanwhile has one. Senders
 * that stall can keep no more than this from the others, and hold no more memory than what they have sent.
 */
export const UNTIMED_BODIES_BYTES_MAX = 32 * MIB;

/** Bodies of at least this size take turns to be parsed: 64 KiB of records are some 0.3 ms, what a query may wait for. */
export const TURN_BODY_BYTES_MIN = 64 * 1024;

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

/**
 * Exports at once. Each holds up to 64 MiB of decoded texts, and a snapshot, whose version keeps old segments on disk, for
 * as long as it is read.
 */
export const EXPORTS_MAX = 4;

/** Exports waiting for their turn. */
export const EXPORTS_WAITING_MAX = 32;

/** How long an export may stand still because its reader takes nothing: then it is ended, as a cut connection is. */
export const EXPORT_STALL_MS_MAX = 60_000;

/** The bytes of an export's pieces: large enough to cost little each, small enough to be held for every reader. */
export const EXPORT_CHUNK_BYTES = 256 * 1024;

/** The longest text that goes into a response header: proxies refuse headers of more than 4 to 8 KiB in all. */
export const HEADER_UNITS_MAX = 1_000;

/**
 * Between two tries to listen, once no connection could be accepted: long enough that files are closed meanwhile and that the
 * log does not fill, short enough that a client's own next try succeeds.
 */
export const LISTEN_PAUSE_MS = 200;

/** How long open requests may take after the server was asked to stop, before their connections are cut. */
export const DRAIN_MS_MAX = 10_000;

/** How long readers of tails may take then, once everything else is answered: one that stands still would take all of it. */
export const TAIL_DRAIN_MS_MAX = 1_000;

/** The body of a sign-in, which anybody may send: a token has at most 256 characters. */
export const SIGN_IN_BODY_BYTES_MAX = 4 * 1024;

/** Wrong tokens that an address may try to sign in with in a minute: a person mistypes a few times, a script does not stop. */
export const SIGN_IN_FAILURES_MAX = 10;
/** See {@linkcode SIGN_IN_FAILURES_MAX}. */
export const SIGN_IN_WINDOW_MS = 60_000;

/** Addresses whose failures are remembered, the newest: about 1 MiB. */
export const SIGN_IN_ADDRESSES_MAX = 10_000;

/** Tails at once: each is a connection, and one that writes all the time takes some 20 µs of every write. */
export const TAILS_MAX = 1_000;

/** What waits for a tail's reader; beyond it the tail falls behind and is read from the store when its reader is back. */
export const TAIL_BYTES_MAX = 1 * MIB;

/** What waits for all readers of tails together, as if none of it were shared. */
export const TAILS_BYTES_MAX = 128 * MIB;

/** Events are handed to tails in pieces of about this size: what one write should carry. */
export const TAIL_PIECE_BYTES = 64 * 1024;

/**
 * What may arrive for a tail while it is behind. A burst that a quick reader takes in a moment stays within it (10,000
 * records of the usual size are 2.5 MB) and is read from the store; whoever is further behind is told what was passed over.
 */
export const TAIL_LAG_BYTES_MAX = 4 * MIB;

/** Commits kept for tails that come back at once, so that they need not ask the store; beside them whatever is not sent yet. */
export const TAIL_RECENT_BYTES_MAX = 4 * MIB;
/** See {@linkcode TAIL_RECENT_BYTES_MAX}; small commits cost more than their bytes. */
export const TAIL_RECENT_COMMITS_MAX = 512;

/** Tails that are read from the store at a time: after a restart all come back together, and queries must go on. */
export const TAIL_READS_MAX = 4;

/** How long a tail waits for its turn to be read from the store: a thousand take some seconds. */
export const TAIL_READ_WAIT_MS_MAX = 60_000;

/** Commits that follow one another sooner than this reach the tails together. */
export const TAIL_PAUSE_MS_MIN = 5;
/** The longest such pause, where many tails are written to: half of the 100 ms in which an event must arrive. */
export const TAIL_PAUSE_MS_MAX = 50;
/** What writing to a tail costs, measured at 20 µs, doubled: the pause grows so that half of the time is left for the rest. */
export const TAIL_WRITE_MS = 0.04;

/** A tail without events says this often how far it is: proxies close what is silent for 30 s or more. */
export const TAIL_HEARTBEAT_MS = 15_000;

/** How often tails are looked at whose token may be gone or whose reader may be. */
export const TAIL_CHECK_MS = 1_000;

/** A tail whose reader takes nothing for this long although there is something ends. */
export const TAIL_STALL_MS_MAX = 5 * 60_000;

/** How long a browser waits before it opens a broken tail again. */
export const TAIL_RETRY_MS = 1_000;

/** A session's tail ends after this long and is opened again, which seals the session anew: who watches is not idle. */
export const SESSION_TAIL_MS_MAX = 60 * 60_000;

/** The body of a query of Loki's API: the longest query that is read, escaped. */
export const LOKI_FORM_BYTES_MAX = 256 * 1024;

/** What waits in a websocket of Loki's tail to be sent: then no more is taken from the tail, which bounds what waits there. */
export const LOKI_TAIL_SOCKET_BYTES_MAX = 256 * 1024;

/** How often a websocket is looked at that has so much to send; Deno has no event for it. */
export const LOKI_TAIL_POLL_MS = 20;

/** The longest `delay_for`: Loki's own. */
export const LOKI_TAIL_DELAY_MS_MAX = 5_000;
