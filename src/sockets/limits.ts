/** @module Every bound of the listeners for syslog and GELF, with its reason. */

/**
 * Connections of one address that is listened on. Each holds at most one incomplete message (128 KiB of syslog, 1 MiB of
 * GELF) and 64 KiB just read: 200 MiB if a thousand senders of syslog stalled in the middle of the longest messages.
 */
export const CONNECTIONS_MAX = { syslog: 1_000, gelf: 128 } as const;

/** Bytes read at a time: what TCP hands over at most under load, and a batch of some 400 messages. */
export const READ_BYTES = 64 * 1024;

/** A handshake takes two round trips: who needs longer would hold a connection for nothing. */
export const HANDSHAKE_MS_MAX = 10_000;

/** Idle connections are asked after this long whether their other end is still there. */
export const KEEP_ALIVE_MS = 60_000;

/**
 * Datagrams that wait for the store while a commit is under way: a commit takes some milliseconds, in which the fastest
 * senders bring a few thousand. Beyond it they are dropped and counted, as a full socket would, but visibly.
 */
export const DATAGRAMS_WAITING_MAX = 20_000;

/** The text of those datagrams, in UTF-16 units. */
export const DATAGRAM_UNITS_WAITING_MAX = 8 * 1024 * 1024;

/** The pause before a batch that the store refused is offered again; it does not read from the sender meanwhile. */
export const RETRY_MS = 200;

/** The same where the refusal will last: a failing disk. */
export const RETRY_MS_MAX = 2_000;

/** After the end was asked for, connections that were made before are accepted for so long. */
export const LAST_ACCEPTED_MS = 50;

/** After the end was asked for, what senders have on the way is read for as long as it keeps coming, at most this long. */
export const DRAIN_MS_MAX = 2_000;

/**
 * And no longer than this after the last of it: senders hear that the connection ends when they send next, and mostly look
 * before; who looked just before the end sends once more, and a busy machine may take a while between the two.
 */
export const DRAIN_QUIET_MS = 500;

/** Sources that are named in the log when they are refused, once each. */
export const REFUSED_NAMED_MAX = 100;
